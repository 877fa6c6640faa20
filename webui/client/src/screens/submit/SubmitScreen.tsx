import { told } from "@/api/client";
import { useOptions } from "@/choices/useOptions";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Skeleton } from "@/ui/Empty";
import { harmless } from "@/ui/harmless";
import { Screen } from "@/ui/Screen";
import { useWords } from "@/ui/words";
import { SubmitForm } from "./SubmitForm";
import { submitWords } from "./words";

/** Where a task is written down and started. */
export default function SubmitScreen() {
  const say = useWords(submitWords);
  const options = useOptions();
  return (
    <Screen title={say("title")}>
      {options.data !== undefined ? <SubmitForm options={options.data} /> : options.error === null ? <Skeleton lines={8} /> : (
        <Banner
          tone="bad"
          action={
            <Button size="small" onClick={() => void options.refetch()}>
              {say("again")}
            </Button>
          }
        >
          {harmless(told(options.error))}
        </Banner>
      )}
    </Screen>
  );
}
