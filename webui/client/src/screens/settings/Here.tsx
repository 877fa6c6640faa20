import { useQuery } from "@tanstack/react-query";
import { api, ok } from "@/api/client";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Field";
import { setNotifying, useNotifying } from "@/ui/notifications";
import { Segments } from "@/ui/Tabs";
import { setTheme, useTheme } from "@/ui/theme";
import { setLanguage, useLanguage, useWords } from "@/ui/words";
import { words } from "./words";

/** What is set for this browser alone, and who is signed in. */
export function Here() {
  const say = useWords(words);
  const theme = useTheme();
  const language = useLanguage();
  const notifying = useNotifying((state) => state.state);
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => ok(api.GET("/api/me", { signal })) }).data;
  const leave = async () => {
    await ok(api.POST("/api/leave"));
    location.assign("/enter");
  };
  const hint = notifying === "refused" ? say("refused") : notifying === "impossible" ? say("impossible") : say("notifyHint");
  return (
    <div className="space-y-6 py-5">
      <div>
        <p className="mb-1.5 text-[13px] font-medium">{say("theme")}</p>
        <Segments
          label={say("theme")}
          at={theme}
          onChange={setTheme}
          options={[
            { key: "system", label: say("system") },
            { key: "light", label: say("light") },
            { key: "dark", label: say("dark") },
          ]}
        />
      </div>
      <div>
        <p className="mb-1.5 text-[13px] font-medium">{say("language")}</p>
        <Segments
          label={say("language")}
          at={language}
          onChange={setLanguage}
          options={[
            { key: "en", label: "English" },
            { key: "zh", label: "中文" },
          ]}
        />
      </div>
      <Checkbox
        label={say("notify")}
        hint={hint}
        checked={notifying === "on"}
        disabled={notifying === "refused" || notifying === "impossible"}
        onChange={(event) => void setNotifying(event.target.checked)}
      />
      {me !== undefined && (
        <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-5 text-sm">
          <div>
            <p className="font-medium">{say("account", { name: me.name })}</p>
            <p className="text-[13px] text-soft">
              {say("role", { role: me.role })} · {say("version", { version: me.version })}
            </p>
          </div>
          <Button onClick={() => void leave()}>{say("leave")}</Button>
        </div>
      )}
    </div>
  );
}
