export default function CompareScreen() {
  return <main />;
}
