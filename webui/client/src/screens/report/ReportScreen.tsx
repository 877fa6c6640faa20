export default function ReportScreen() {
  return <main />;
}
