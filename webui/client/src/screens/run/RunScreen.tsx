export default function RunScreen() {
  return <main />;
}
