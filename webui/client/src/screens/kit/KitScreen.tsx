import { useState } from "react";
import { Badge, Status, STATUSES, Verdict, VERDICTS, type StatusName, type Tone, type VerdictName } from "@/ui/Badge";
import { Banner } from "@/ui/Banner";
import { Button, IconButton } from "@/ui/Button";
import { CodeBlock } from "@/ui/CodeBlock";
import { Dialog } from "@/ui/Dialog";
import { Empty, Skeleton } from "@/ui/Empty";
import { Checkbox, Field, Input, Select, TextArea } from "@/ui/Field";
import { Icon, ICON_NAMES, type IconName } from "@/ui/icons";
import { Kbd } from "@/ui/Kbd";
import { Markdown } from "@/ui/Markdown";
import { Menu } from "@/ui/Menu";
import { Meter } from "@/ui/Meter";
import { Money } from "@/ui/Money";
import { Screen } from "@/ui/Screen";
import { Table } from "@/ui/Table";
import { Segments, Tabs } from "@/ui/Tabs";
import { Duration, Time } from "@/ui/Time";
import { toast } from "@/ui/Toasts";

const TONES: Tone[] = ["neutral", "accent", "good", "bad", "warn", "info"];
const names = <Name extends string>(table: Record<Name, unknown>) => Object.keys(table) as Name[];

/** Everything of the kit on one page, for those who build screens; in development only. */
export default function KitScreen() {
  const [open, setOpen] = useState(false);
  const [tab, setTab] = useState("one");
  const [text, setText] = useState("Text that grows\nwith its lines");
  return (
    <Screen title="Kit">
      <div className="space-y-8 pb-20">
        <div className="flex flex-wrap items-center gap-2">
          <Button kind="primary" icon="send">Primary</Button>
          <Button icon="download">Plain</Button>
          <Button kind="quiet">Quiet</Button>
          <Button kind="danger" icon="trash">Danger</Button>
          <Button busy>Busy</Button>
          <Button disabled>Disabled</Button>
          <Button size="small" icon="fork">Small</Button>
          <IconButton icon="pause" label="Pause" />
          <Menu label="More" items={[{ label: "Open", icon: "eye", onSelect: () => undefined }, { label: "Delete", icon: "trash", danger: true, onSelect: () => undefined }]} />
          <Button onClick={() => setOpen(true)}>Dialog</Button>
          <Button onClick={() => toast("Run deleted", { action: { label: "Undo", run: () => undefined } })}>Toast</Button>
          <Kbd keys="Ctrl+Enter" />
        </div>
        <div className="flex flex-wrap gap-2">{TONES.map((tone) => <Badge key={tone} tone={tone}>{tone}</Badge>)}</div>
        <div className="flex flex-wrap gap-2">{names<VerdictName>(VERDICTS).map((name) => <Verdict key={name} of={name} />)}</div>
        <div className="flex flex-wrap gap-4">{names<StatusName>(STATUSES).map((name) => <Status key={name} of={name} />)}</div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name" hint="a hint">{(ties) => <Input {...ties} placeholder="placeholder" />}</Field>
          <Field label="Steps" error="must be a number above 0">{(ties) => <Input {...ties} defaultValue="-3" />}</Field>
          <Field label="Goal">{(ties) => <TextArea {...ties} value={text} onChange={(event) => setText(event.target.value)} />}</Field>
          <Field label="Model">{(ties) => <Select {...ties}><option>embedded</option><option>person</option></Select>}</Field>
          <Checkbox label="Search the web" hint="pages are read in a sandbox of their own" />
          <Segments label="Mode" options={[{ key: "one", label: "auto" }, { key: "two", label: "manual" }, { key: "three", label: "review" }]} at={tab} onChange={setTab} />
        </div>
        <Tabs label="Parts" tabs={[{ key: "one", label: "Plan", count: 3 }, { key: "two", label: "Files" }, { key: "three", label: "None", disabled: true }]} at={tab} onChange={setTab}>
          <p className="py-4 text-sm">Panel {tab}</p>
        </Tabs>
        <Table caption="Runs" keyOf={(row) => row.name} rows={[{ name: "first", cost: 0.0123 }, { name: "second", cost: 12.5 }]} columns={[{ key: "name", head: "Name", cell: (row) => row.name }, { key: "cost", head: "Cost", number: true, cell: (row) => <Money amount={row.cost} /> }]} />
        <div className="space-y-2"><Banner tone="info">Info</Banner><Banner tone="warn" action={<Button size="small">Try now</Button>}>Warn</Banner><Banner tone="bad">Bad</Banner><Banner tone="good">Good</Banner></div>
        <div className="grid gap-4 sm:grid-cols-3"><Meter label="Tokens" value={300} most={1000} text="300 of 1,000" /><Meter label="Steps" value={170} most={200} text="170 of 200" /><Meter label="Time" value={60} most={60} text="1 min of 1 min" /></div>
        <p className="text-sm"><Time at={new Date(Date.now() - 400_000)} /> · <Time at={new Date()} absolute /> · <Duration seconds={427} /></p>
        <CodeBlock label="Output" text={"\u001b[31mred\u001b[0m and \u202ereversed\nsecond line"} />
        <Markdown text={"# Title\n\nText with **bold**, `code` and [a link](https://example.org), [not this](javascript:alert(1)).\n\n![tracker](https://example.org/x.png)\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n> quoted"} />
        <Skeleton />
        <Empty title="Nothing yet" icon="list" action={<Button kind="primary">New task</Button>}>Runs appear here.</Empty>
        <div className="flex flex-wrap gap-3 text-soft">{(ICON_NAMES as IconName[]).map((name) => <span key={name} className="flex w-20 flex-col items-center gap-1 text-[11px]"><Icon name={name} size={22} />{name}</span>)}</div>
      </div>
      {open && <Dialog title="A dialog" onClose={() => setOpen(false)} footer={<Button kind="primary" onClick={() => setOpen(false)}>Done</Button>}>Text.</Dialog>}
    </Screen>
  );
}
