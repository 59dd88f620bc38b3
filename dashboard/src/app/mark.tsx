/** The sign of the lab: stairs up a hill, two points on them. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0A3F7A" />
      <path d="M5 25V20H11V14H18V9H27" fill="none" stroke="#56B4E9" strokeWidth="2.6" strokeLinejoin="round" />
      <circle cx="11" cy="14" r="3" fill="#fff" />
      <circle cx="18" cy="9" r="3" fill="#fff" />
    </svg>
  );
}
