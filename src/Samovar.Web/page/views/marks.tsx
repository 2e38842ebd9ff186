/** A share of a whole as a thin bar; its parts stand in the order they are given. */
export function Shares({ parts, label }: { parts: { value: number; kind: string }[]; label: string }) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  let from = 0;
  return (
    <svg class="shares" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="fill-faint" width="100" height="1" />
      {whole > 0 &&
        parts.map(({ value, kind }) => {
          const x = from;
          from += (value / whole) * 100;
          return <rect class={`fill-${kind}`} x={x} width={from - x} height="1" />;
        })}
    </svg>
  );
}

/** A minute of figures as a line above an area. */
export function Spark({ values, label }: { values: number[]; label: string }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, at) => `${((at / (values.length - 1)) * 100).toFixed(1)},${(19 - (value / most) * 18).toFixed(1)}`);
  return (
    <svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={label}>
      <polygon class="spark-area" points={`0,20 ${points.join(' ')} 100,20`} />
      <polyline class="spark-line" points={points.join(' ')} />
    </svg>
  );
}

const paths = {
  pause: 'M5 3v10M11 3v10',
  play: 'M5 3l8 5-8 5z',
  auto: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  dark: 'M13.5 9.5A6 6 0 1 1 6.5 2.5a5 5 0 0 0 7 7z',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.8M8 12.5v.5',
  close: 'M4 4l8 8M12 4l-8 8',
  out: 'M9 3H3v10h6M7 8h7M11.5 5.5L14 8l-2.5 2.5',
  copy: 'M5.5 5.500h7v8h-7zM3.5 10.500v-8h7',
  link: 'M6.5 3.500h-3v9h9v-3M9.5 3h3.500v3.500M13 3L7.5 8.5',
} as const;

export const Icon = ({ name }: { name: keyof typeof paths }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);

/** The project's mark: a samovar's outline. */
export const Emblem = () => (
  <svg class="emblem" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M9.5 4.5h5M10.5 2.5h3M8 7.5c-1.8 1.3-2.5 2.8-2.5 5 0 2.6 1.7 4.3 3.5 5.5h6c1.8-1.2 3.5-2.9 3.5-5.5 0-2.2-.7-3.7-2.5-5z" />
    <path d="M8 7.5l1-3M16 7.5l-1-3M5.7 10.5H3.5M18.3 10.5h2.200M9 18l-1 3.5h8l-1-3.5M12 12v3M10.8 13.5h2.4" />
  </svg>
);
