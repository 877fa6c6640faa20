export default function EvalsScreen() {
  return <main />;
}
