export default function SubmitScreen() {
  return <main />;
}
