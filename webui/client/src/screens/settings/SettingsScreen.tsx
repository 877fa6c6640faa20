import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, ok } from "@/api/client";
import { Screen } from "@/ui/Screen";
import { Tabs } from "@/ui/Tabs";
import { useWords } from "@/ui/words";
import { Doctor } from "./Doctor";
import { Here } from "./Here";
import { Server } from "./Server";
import { words } from "./words";

const PARTS = ["here", "server", "doctor"] as const;

/** Settings of this browser, and for admins those of the server and what its doctor finds. */
export default function SettingsScreen() {
  const say = useWords(words);
  const [address, setAddress] = useSearchParams();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => ok(api.GET("/api/me", { signal })) }).data;
  const admin = me?.role === "admin";
  const wanted = PARTS.find((part) => part === address.get("part")) ?? "here";
  const at = admin ? wanted : "here";
  return (
    <Screen title={say("title")}>
      <Tabs
        label={say("parts")}
        at={at}
        onChange={(part) => setAddress({ part }, { replace: true })}
        tabs={PARTS.map((part) => ({ key: part, label: say(part), disabled: part !== "here" && !admin }))}
      >
        {at === "here" && <Here />}
        {at === "server" && <Server />}
        {at === "doctor" && <Doctor />}
      </Tabs>
      {me !== undefined && !admin && <p className="text-[13px] text-soft">{say("admins")}</p>}
    </Screen>
  );
}
