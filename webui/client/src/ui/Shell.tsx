import { Outlet } from "react-router";

/** Navigation around every screen. */
export function Shell() {
  return <Outlet />;
}
