export default function EnterScreen() {
  return <main />;
}
