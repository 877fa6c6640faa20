export default function SeatScreen() {
  return <main />;
}
