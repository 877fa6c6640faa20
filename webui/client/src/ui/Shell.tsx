import { Suspense, useEffect, useState } from "react";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { askNow, onReturn, useConnection } from "@/api/connection";
import { Banner } from "@/ui/Banner";
import { Boundary } from "@/ui/Boundary";
import { Button, IconButton } from "@/ui/Button";
import { Icon, type IconName } from "@/ui/icons";
import { Mark } from "@/ui/Mark";
import { useRunWatch, useWaiting } from "@/ui/notifications";
import { shellWords } from "@/ui/shellWords";
import { ShortcutSheet } from "@/ui/ShortcutSheet";
import { useShortcuts } from "@/ui/shortcuts";
import { setTheme, useTheme, type Theme } from "@/ui/theme";
import { toast, Toasts } from "@/ui/Toasts";
import { setLanguage, useLanguage, useWords } from "@/ui/words";

/** Navigation around every screen: a rail at the left, a bar at the bottom on phones. Screens fill what is left. */
export function Shell() {
  const say = useWords(shellWords);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [sheet, setSheet] = useState(false);
  useRunWatch((run) => void navigate(`/runs/${run}`));
  useShortcuts(say("everywhere"), [
    { keys: "n", does: say("goNew"), run: () => void navigate("/new") },
    { keys: "g", does: say("goRuns"), run: () => void navigate("/runs") },
    { keys: "?", does: say("showShortcuts"), run: () => setSheet(true) },
  ]);
  return (
    <div className="flex h-dvh flex-col md:flex-row print:block print:h-auto">
      <a href="#content" className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2">
        {say("skip")}
      </a>
      <Rail onSheet={() => setSheet(true)} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <Offline />
        <div id="content" tabIndex={-1} className="relative min-h-0 flex-1 overflow-y-auto outline-none print:overflow-visible">
          <Boundary at={pathname}>
            <Suspense>
              <Outlet />
            </Suspense>
          </Boundary>
        </div>
      </div>
      <Bar />
      <Toasts />
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
    </div>
  );
}

type Place = { to: string; icon: IconName; name: "new" | "runs" | "evals" | "settings" };
const PLACES: readonly Place[] = [
  { to: "/new", icon: "plus", name: "new" },
  { to: "/runs", icon: "list", name: "runs" },
  { to: "/evals", icon: "chart", name: "evals" },
  { to: "/settings", icon: "settings", name: "settings" },
];

function Rail({ onSheet }: { onSheet: () => void }) {
  const say = useWords(shellWords);
  return (
    <nav aria-label={say("navigation")} className="hidden w-18 shrink-0 flex-col items-center gap-1 border-r border-line bg-raised py-3 md:flex print:hidden">
      <NavLink to="/runs" aria-label={say("product")} title={say("product")} className="mb-3 text-accent">
        <Mark size={30} />
      </NavLink>
      {PLACES.map((place) => (
        <Entry key={place.to} place={place} className="w-15 rounded-md py-2" />
      ))}
      <div className="mt-auto flex flex-col items-center gap-1">
        <LanguageSwitch />
        <ThemeSwitch />
        <IconButton icon="keyboard" label={say("shortcuts")} onClick={onSheet} />
      </div>
    </nav>
  );
}

function Bar() {
  const say = useWords(shellWords);
  return (
    <nav aria-label={say("navigation")} className="flex shrink-0 border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] md:hidden print:hidden">
      {PLACES.map((place) => (
        <Entry key={place.to} place={place} className="flex-1 py-2" />
      ))}
    </nav>
  );
}

function Entry({ place, className }: { place: Place; className: string }) {
  const say = useWords(shellWords);
  const waiting = useWaiting((state) => state.count);
  return (
    <NavLink
      to={place.to}
      className={({ isActive }) =>
        `relative flex flex-col items-center gap-1 text-[11px] font-medium -outline-offset-2 ${className} ${isActive ? "bg-wash text-accent" : "text-soft hover:bg-sunken hover:text-ink"}`
      }
    >
      <Icon name={place.icon} size={20} />
      {say(place.name)}
      {place.name === "runs" && waiting > 0 && (
        <span className="absolute top-1 left-[calc(50%+0.4rem)] min-w-4 rounded-full bg-warn px-1 text-center text-[10px] leading-4 font-semibold text-paper tabular-nums" aria-label={say("waiting", { count: waiting })} role="img">
          {waiting}
        </span>
      )}
    </NavLink>
  );
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_ICONS: Record<Theme, IconName> = { system: "contrast", light: "sun", dark: "moon" };

/** Goes through system, light and dark. */
export function ThemeSwitch() {
  const say = useWords(shellWords);
  const theme = useTheme();
  return <IconButton icon={THEME_ICONS[theme]} label={say("changeTheme", { theme: say(theme) })} onClick={() => setTheme(NEXT[theme])} />;
}

/** Goes between English and Chinese; says the language it leads to. */
export function LanguageSwitch() {
  const say = useWords(shellWords);
  const language = useLanguage();
  const other = language === "en" ? "zh" : "en";
  return (
    <button
      type="button"
      lang={other === "zh" ? "zh-CN" : "en"}
      aria-label={say("changeLanguage")}
      title={say("changeLanguage")}
      onClick={() => setLanguage(other)}
      className="size-9 rounded-md text-[13px] font-medium text-soft hover:bg-sunken hover:text-ink"
    >
      {other === "zh" ? "中" : "EN"}
    </button>
  );
}

function Offline() {
  const say = useWords(shellWords);
  const online = useConnection((state) => state.online);
  const again = say("backOnline");
  useEffect(() => onReturn(() => toast(again, { tone: "good", seconds: 3 })), [again]);
  if (online) return null;
  return (
    <div className="shrink-0 p-2">
      <Banner
        tone="warn"
        icon="offline"
        action={
          <Button size="small" onClick={askNow}>
            {say("tryNow")}
          </Button>
        }
      >
        {say("offlineSince")}
      </Banner>
    </div>
  );
}
