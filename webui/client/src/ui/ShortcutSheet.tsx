import { Fragment } from "react";
import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/Kbd";
import { shellWords } from "@/ui/shellWords";
import { useShortcutGroups } from "@/ui/shortcuts";
import { useWords } from "@/ui/words";

/** Lists the keys that work on the screen of the moment. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const say = useWords(shellWords);
  const groups = useShortcutGroups((state) => state.groups);
  return (
    <Dialog title={say("shortcuts")} onClose={onClose}>
      <div className="space-y-5 pb-3">
        {[...groups].reverse().map((group) => (
          <section key={group.id}>
            <h3 className="mb-2 text-[13px] font-medium text-soft">{group.title}</h3>
            <dl className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 text-sm">
              {group.shortcuts.map((one) => (
                <Fragment key={one.keys}>
                  <dt>{one.does}</dt>
                  <dd className="justify-self-end">
                    <Kbd keys={one.keys} />
                  </dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
