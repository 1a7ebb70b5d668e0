/* How the card looks. */

export const CARD_STYLE = `
  ha-card { height: 100%; padding: 16px; display: grid; gap: 12px; align-content: start; box-sizing: border-box;
            color: var(--primary-text-color); font-size: 14px; line-height: 1.4; container-type: inline-size; }
  [hidden] { display: none !important; }
  p, dl, dd, dt, ul { margin: 0; padding: 0; }
  .top { display: flex; justify-content: space-between; align-items: center; gap: 8px; }
  .title { font-size: 16px; font-weight: 500; overflow-wrap: anywhere; }
  button { font: inherit; color: inherit; }
  .stale { all: unset; box-sizing: border-box; cursor: pointer; font-size: 12px; font-weight: 500; padding: 4px 12px; border-radius: 14px;
           border: 1px solid var(--warning-color); background: color-mix(in srgb, var(--warning-color) 22%, transparent); }
  .now { all: unset; box-sizing: border-box; cursor: pointer; display: flex; align-items: center; gap: 14px; min-width: 0; border-radius: 8px; }
  :focus-visible { outline: 2px solid var(--primary-color); outline-offset: 3px; }
  .ringed { position: relative; flex: none; display: grid; place-items: center; }
  .ringed > * { grid-area: 1 / 1; }
  .ringed ha-icon { --mdc-icon-size: 26px; color: var(--secondary-text-color); }
  .ringed.present ha-icon { color: var(--primary-color); }
  .word { display: block; font-size: 24px; line-height: 1.2; }
  .sub { display: block; color: var(--secondary-text-color); overflow-wrap: anywhere; }
  .facts { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); }
  @container (max-width: 300px) { .facts { grid-template-columns: 1fr; } }
  .fact { display: grid; grid-template-columns: 28px minmax(0, 1fr); gap: 0 10px; align-items: start; grid-template-rows: auto auto 1fr; }
  .fact .ring { grid-row: span 3; margin-top: 2px; }
  .fact dt { font-size: 12px; color: var(--secondary-text-color); }
  .fact .value { font-weight: 500; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
  .fact .value.unknown { font-weight: 400; color: var(--secondary-text-color); }
  .fact .why { font-size: 12px; line-height: 1.3; color: var(--secondary-text-color); overflow-wrap: anywhere; }
  .why:empty { display: none; }
  .fact-line { display: flex; justify-content: space-between; font-size: 12px; color: var(--secondary-text-color); margin-bottom: 4px; }
  .explain { font-size: 12px; color: var(--secondary-text-color); }
  .explain li { margin-left: 18px; }
  .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
