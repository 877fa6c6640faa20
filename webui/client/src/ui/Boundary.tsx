import { Component, type ReactNode } from "react";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { shellWords } from "@/ui/shellWords";
import { useWords } from "@/ui/words";

type State = { failure: unknown; at: string };

/** Shows what is in it, or why that cannot be shown; another `at` (the address) tries anew. */
export class Boundary extends Component<{ at: string; children: ReactNode }, State> {
  override state: State = { failure: undefined, at: this.props.at };

  static getDerivedStateFromError(failure: unknown): Partial<State> {
    return { failure: failure ?? new Error("unknown") };
  }

  static getDerivedStateFromProps({ at }: { at: string }, state: State): Partial<State> | null {
    return at === state.at ? null : { at, failure: undefined };
  }

  override render(): ReactNode {
    return this.state.failure === undefined ? this.props.children : <Broken why={this.state.failure} />;
  }
}

function Broken({ why }: { why: unknown }) {
  const say = useWords(shellWords);
  return (
    <main role="alert">
      <Empty
        title={say("broken")}
        icon="warning"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            {say("reload")}
          </Button>
        }
      >
        <p>{say("brokenTold")}</p>
        <p className="mt-2 font-mono text-xs break-words">{why instanceof Error ? why.message : String(why)}</p>
      </Empty>
    </main>
  );
}
