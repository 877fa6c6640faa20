import type { ReactNode } from "react";
import { Icon, type IconName } from "@/ui/icons";

/** What stands where there is nothing yet: why, and what to do. */
export function Empty({ title, icon, children, action }: { title: string; icon?: IconName; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-4 py-14 text-center">
      {icon !== undefined && <Icon name={icon} size={28} className="mb-3 text-soft" />}
      <p className="font-semibold">{title}</p>
      {children !== undefined && <div className="mt-1.5 text-sm text-soft">{children}</div>}
      {action !== undefined && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** Grey lines where text will stand. */
export function Skeleton({ lines = 3, className = "" }: { lines?: number; className?: string }) {
  return (
    <div aria-hidden="true" className={`space-y-2.5 motion-safe:animate-pulse ${className}`}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="h-3.5 rounded bg-sunken" style={{ width: `${[92, 78, 85, 60][line % 4]}%` }} />
      ))}
    </div>
  );
}
