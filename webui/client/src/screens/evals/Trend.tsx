import { CartesianGrid, ErrorBar, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useLanguage } from "@/ui/words";
import { percent, points, type Measurement } from "./figures";

const COLOURS = ["var(--accent)", "var(--info)", "var(--warn)", "var(--bad)", "var(--good)", "var(--soft)"];

/** The share of passed samples over time, a line for each model, with 95 % intervals. */
export default function Trend({ measurements }: { measurements: readonly Measurement[] }) {
  const language = useLanguage();
  const { models, data } = points(measurements);
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <ResponsiveContainer width="100%" height={260}>
      <LineChart data={data} margin={{ top: 8, right: 12, bottom: 0, left: -14 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="place"
          tickFormatter={(index: number) => (data[index] === undefined ? "" : day.format(new Date(data[index].at)))}
          interval="preserveStartEnd"
          minTickGap={40}
          padding={{ left: 24, right: 24 }}
          tick={{ fill: "var(--soft)", fontSize: 12 }}
          tickLine={false}
          axisLine={{ stroke: "var(--line)" }}
        />
        <YAxis
          domain={[0, 1]}
          ticks={[0, 0.25, 0.5, 0.75, 1]}
          tickFormatter={(share: number) => percent(share, language)}
          tick={{ fill: "var(--soft)", fontSize: 12 }}
          tickLine={false}
          axisLine={false}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--line)" }}
          contentStyle={{ background: "var(--raised)", border: "1px solid var(--line)", borderRadius: 6, fontSize: 13 }}
          labelStyle={{ color: "var(--soft)" }}
          labelFormatter={(index) => {
            const point = data[Number(index)];
            return point === undefined ? "" : moment.format(new Date(point.at));
          }}
          formatter={(share) => percent(Number(share), language)}
        />
        {models.length > 1 && <Legend iconType="plainline" wrapperStyle={{ fontSize: 13 }} />}
        {models.map((model, index) => (
          <Line
            key={model}
            name={model}
            dataKey={(point: Record<string, unknown>) => point[`model:${model}`] as number | undefined}
            stroke={COLOURS[index % COLOURS.length]}
            strokeWidth={2}
            dot={{ r: 3.5, strokeWidth: 0, fill: COLOURS[index % COLOURS.length] }}
            connectNulls
            isAnimationActive={false}
          >
            <ErrorBar dataKey={(point: Record<string, unknown>) => point[`span:${model}`] as [number, number]} width={5} strokeWidth={1.25} stroke={COLOURS[index % COLOURS.length]} opacity={0.55} />
          </Line>
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}
