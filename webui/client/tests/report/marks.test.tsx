import { renderToStaticMarkup } from "react-dom/server";
import ReactMarkdown from "react-markdown";
import { describe, expect, it } from "vitest";
import type { CheckedClaim } from "@/ledger/types";
import { markClaims, placesOf } from "@/screens/report/marks";

/** Returns a claim about the part of a text that holds these words, with offsets in code points as the server counts. */
function claimOn(text: string, words: string, id = "c1"): CheckedClaim {
  const start = [...text.slice(0, text.indexOf(words))].length;
  const claim = { id, text: words, evidence: [], question: "", kind: "fact" as const, sentence: words, start, end: start + [...words].length, triples: [] };
  return { claim, verdict: "supported", findings: [], judgements: [] };
}

/** Returns the HTML of a text with its claims marked, without attributes that do not matter here. */
function marked(text: string, claims: readonly CheckedClaim[], evidence: readonly string[] = []): string {
  return renderToStaticMarkup(<ReactMarkdown rehypePlugins={[markClaims(text, placesOf(text, claims), new Set(evidence))]}>{text}</ReactMarkdown>).replaceAll('data-', "");
}

describe("the marks of claims in an answer", () => {
  it("are about exactly the sentence of the claim", () => {
    const text = "One stands. Two falls. Three stays.";

    expect(marked(text, [claimOn(text, "Two falls.")])).toBe('<p>One stands. <mark claims="c1" last="c1">Two falls.</mark> Three stays.</p>');
  });

  it("count code points as the server does, not units of UTF-16", () => {
    const text = "A 😀 boat 🚤 came. It left.";

    expect(marked(text, [claimOn(text, "It left.")])).toContain('<mark claims="c1" last="c1">It left.</mark>');
  });

  it("go on through emphasis and end once", () => {
    const text = "The *old* lock is **deep**.";

    expect(marked(text, [claimOn(text, text)])).toBe(
      '<p><mark claims="c1">The </mark><em><mark claims="c1">old</mark></em><mark claims="c1"> lock is </mark><strong><mark claims="c1">deep</mark></strong><mark claims="c1" last="c1">.</mark></p>',
    );
  });

  it("stand where the sentence is, after escapes, entities and broken lines", () => {
    const text = "Fish \\& chips &amp; tea\n   are here. The lock\n  is deep.";

    expect(marked(text, [claimOn(text, "The lock\n  is deep.")])).toContain('are here. <mark claims="c1" last="c1">The lock\nis deep.</mark>');
  });

  it("name all claims that a sentence has", () => {
    const text = "It is old and deep.";

    expect(marked(text, [claimOn(text, text, "a"), claimOn(text, "deep", "b")])).toContain('<mark claims="a b" last="b">deep</mark>');
  });

  it("let evidence in brackets be opened, and nothing else in brackets", () => {
    const text = "It is deep [E1, E2] and old [sic].";

    expect(marked(text, [], ["E1", "E2"])).toBe('<p>It is deep [<cite evidence="E1">E1</cite>, <cite evidence="E2">E2</cite>] and old [sic].</p>');
  });

  it("leave out a claim whose sentence is not in the text", () => {
    const text = "It is deep.";
    const elsewhere = claimOn("Somewhere else it rains.", "it rains.");

    expect(marked(text, [{ ...elsewhere, claim: { ...elsewhere.claim, start: null, end: null } }])).toBe("<p>It is deep.</p>");
  });
});
