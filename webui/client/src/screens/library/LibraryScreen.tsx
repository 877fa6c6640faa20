export default function LibraryScreen() {
  return <main />;
}
