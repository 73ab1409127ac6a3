/** The page's outline while the first figures are on their way. */
export function Skeleton() {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">Loading figures…</span>
      <div className="panel bone-strip" />
      <div className="panel bone-strip" />
      <div className="panel bone-chart" />
    </div>
  );
}
