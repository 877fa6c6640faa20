import { useQuery } from "@tanstack/react-query";
import { api, ok, told } from "@/api/client";
import { Banner } from "@/ui/Banner";
import { Skeleton } from "@/ui/Empty";
import { Screen } from "@/ui/Screen";
import { useWords } from "@/ui/words";
import { SubmitForm } from "./SubmitForm";
import { submitWords } from "./words";

/** Where a task is written down and started. */
export default function SubmitScreen() {
  const say = useWords(submitWords);
  const options = useQuery({ queryKey: ["options"], queryFn: () => ok(api.GET("/api/options")), staleTime: 30_000 });
  return (
    <Screen title={say("title")}>
      {options.data !== undefined ? <SubmitForm options={options.data} /> : options.error === null ? <Skeleton lines={8} /> : <Banner tone="bad">{told(options.error)}</Banner>}
    </Screen>
  );
}
