import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { Shell } from "@/ui/Shell";

const SubmitScreen = lazy(() => import("@/screens/submit/SubmitScreen"));
const RunScreen = lazy(() => import("@/screens/run/RunScreen"));
const ReportScreen = lazy(() => import("@/screens/report/ReportScreen"));
const LibraryScreen = lazy(() => import("@/screens/library/LibraryScreen"));
const CompareScreen = lazy(() => import("@/screens/compare/CompareScreen"));
const SeatScreen = lazy(() => import("@/screens/seat/SeatScreen"));
const EvalsScreen = lazy(() => import("@/screens/evals/EvalsScreen"));
const BatchScreen = lazy(() => import("@/screens/evals/batches/BatchScreen"));
const BatchCompareScreen = lazy(() => import("@/screens/evals/batches/BatchCompareScreen"));
const SettingsScreen = lazy(() => import("@/screens/settings/SettingsScreen"));
const EnterScreen = lazy(() => import("@/screens/enter/EnterScreen"));
const KitScreen = import.meta.env.DEV ? lazy(() => import("@/screens/kit/KitScreen")) : null;

const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 1 } } });

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <BrowserRouter>
        <Suspense>
          <Routes>
            <Route path="/enter" element={<EnterScreen />} />
            <Route element={<Shell />}>
              <Route index element={<Navigate to="/runs" replace />} />
              <Route path="/new" element={<SubmitScreen />} />
              <Route path="/runs" element={<LibraryScreen />} />
              <Route path="/runs/:run" element={<RunScreen />} />
              <Route path="/runs/:run/report" element={<ReportScreen />} />
              <Route path="/runs/:run/seat" element={<SeatScreen />} />
              <Route path="/compare" element={<CompareScreen />} />
              <Route path="/evals" element={<EvalsScreen />} />
              <Route path="/evals/compare" element={<BatchCompareScreen />} />
              <Route path="/evals/batches/:batch" element={<BatchScreen />} />
              <Route path="/settings" element={<SettingsScreen />} />
              {KitScreen !== null && <Route path="/kit" element={<KitScreen />} />}
              <Route path="*" element={<Navigate to="/runs" replace />} />
            </Route>
          </Routes>
        </Suspense>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
