import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app";
import { showTheme } from "@/ui/theme";
import { language } from "@/ui/words";
import "@/ui/theme.css";

document.documentElement.lang = language();
showTheme();
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
