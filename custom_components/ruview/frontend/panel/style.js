/* How the panel looks: Home Assistant's colours and type, calm surfaces, one grid. */

export const STYLE = `
  :host { display: block; min-height: 100vh; box-sizing: border-box; color: var(--primary-text-color);
          background: var(--primary-background-color); font-family: var(--ha-font-family-body, Roboto, sans-serif);
          font-size: 14px; line-height: 1.45; -webkit-font-smoothing: antialiased;
          /* a theme's colours are made for areas; as letters they need more of the text's own to stand out */
          --readable-primary: color-mix(in srgb, var(--primary-color) 70%, var(--primary-text-color)); }
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .muted { color: var(--secondary-text-color); }
  .small { font-size: 12px; }
  .number { font-variant-numeric: tabular-nums; }
  a { color: var(--readable-primary); }
  :focus-visible { outline: 2px solid var(--primary-color); outline-offset: 2px; }

  header.bar { position: sticky; top: 0; z-index: 2; display: flex; align-items: center; gap: 8px; height: 56px;
               padding: 0 16px; background: var(--app-header-background-color, var(--primary-background-color));
               color: var(--app-header-text-color, var(--primary-text-color));
               border-bottom: 1px solid var(--divider-color); }
  header.bar h1 { font-size: 20px; font-weight: 400; flex: 1; }
  header.bar a { color: inherit; text-decoration: none; padding: 8px 12px; border-radius: 8px; font-weight: 500; }
  header.bar a:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
  button.icon { all: unset; cursor: pointer; width: 40px; height: 40px; display: grid; place-items: center; border-radius: 50%; }
  button.icon:focus-visible { outline: 2px solid currentColor; }

  main { container: panel / inline-size; max-width: 1280px; width: 100%; margin: 0 auto; padding: 16px; display: grid; gap: 16px; }
  .rooms { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(240px, 100%), 1fr)); }
  .card, .rooms button, .empty { background: var(--ha-card-background, var(--card-background-color));
         border: 1px solid var(--ha-card-border-color, var(--divider-color)); border-radius: var(--ha-card-border-radius, 12px); }
  .rooms button { all: unset; box-sizing: border-box; cursor: pointer; display: grid; gap: 4px; width: 100%; padding: 14px 16px;
                  background: var(--ha-card-background, var(--card-background-color)); border: 1px solid var(--divider-color);
                  border-radius: 12px; }
  .rooms button:hover { border-color: var(--secondary-text-color); }
  .rooms button:focus-visible { outline: 2px solid var(--primary-color); outline-offset: 2px; }
  .rooms button[aria-current] { border-color: var(--primary-color); box-shadow: inset 0 0 0 1px var(--primary-color); }
  .tile-top { display: flex; justify-content: space-between; align-items: center; gap: 8px; min-height: 24px; }
  .tile-title { font-weight: 500; overflow-wrap: anywhere; }
  .tile-state { display: flex; align-items: center; gap: 10px; font-size: 22px; line-height: 1.3; }
  .dot { width: 12px; height: 12px; border-radius: 50%; flex: none; border: 2px solid var(--secondary-text-color); }
  .dot.present { background: var(--primary-color); border-color: var(--primary-color); }
  .dot.clear { border-color: var(--success-color, #43a047); }
  .dot.unknown { border-style: dashed; }
  .badge { font-size: 12px; font-weight: 500; padding: 1px 8px; border-radius: 10px; white-space: nowrap;
           color: var(--secondary-text-color); border: 1px solid var(--divider-color); }
  .badge.stale { color: var(--primary-text-color); border-color: var(--warning-color);
                 background: color-mix(in srgb, var(--warning-color) 22%, transparent); }

  .room { display: grid; gap: 16px; grid-template-columns: repeat(12, minmax(0, 1fr)); }
  .card { padding: 16px; grid-column: span 12; min-width: 0; }
  .card h2 { font-size: 16px; font-weight: 500; margin-bottom: 12px; }
  .card h3 { font-size: 14px; font-weight: 500; margin: 16px 0 8px; }
  .card .head { display: flex; justify-content: space-between; align-items: baseline; gap: 8px 16px; flex-wrap: wrap;
                margin-bottom: 12px; }
  .card .head h2 { margin: 0; }
  .card .note { margin-top: 10px; font-size: 12px; color: var(--secondary-text-color); max-width: 70ch; }
  .stack { display: grid; gap: 16px; grid-template-columns: repeat(12, minmax(0, 1fr)); grid-column: span 12; align-content: start; }
  .stack > .card { height: 100%; }
  @container panel (min-width: 640px) { .half { grid-column: span 6; } }
  @container panel (max-width: 899px) { .room > .banner { order: -2; } .right { order: -1; } } /* what it says comes before why */
  @container panel (min-width: 900px) { .left { grid-column: span 8; } .right { grid-column: span 4; } }

  .banner { grid-column: span 12; padding: 12px 16px; border-radius: 12px; border: 1px solid var(--warning-color);
            background: color-mix(in srgb, var(--warning-color) 14%, transparent); display: flex; flex-wrap: wrap;
            gap: 8px 16px; align-items: center; justify-content: space-between; }
  .banner.info { border-color: var(--info-color); background: color-mix(in srgb, var(--info-color) 12%, transparent); }
  .banner strong { font-weight: 500; }
  .banner li { list-style: disc; margin-left: 20px; }

  .action { all: unset; box-sizing: border-box; cursor: pointer; display: inline-flex; align-items: center; min-height: 36px;
            padding: 0 14px; border-radius: 18px; font-weight: 500; color: var(--readable-primary);
            border: 1px solid var(--divider-color); text-decoration: none; }
  .action:hover { background: color-mix(in srgb, var(--primary-color) 10%, transparent); }
  .action:focus-visible { outline: 2px solid var(--primary-color); outline-offset: 2px; }
  .action.main { background: color-mix(in srgb, var(--primary-color) 75%, black); color: var(--text-primary-color, #fff); border-color: transparent; }
  .action[disabled] { opacity: .5; cursor: default; }
  .actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  select { font: inherit; color: inherit; background: var(--secondary-background-color); border: 1px solid var(--divider-color);
           border-radius: 8px; padding: 6px 8px; max-width: 100%; min-height: 36px; }
  label.field { display: inline-flex; align-items: center; gap: 8px; font-size: 12px; color: var(--secondary-text-color);
                max-width: 100%; flex-wrap: wrap; }
  label.field select { color: var(--primary-text-color); font-size: 14px; }

  .readings { display: grid; gap: 0 32px; grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr)); }
  .reading { display: grid; grid-template-columns: 36px minmax(0, 1fr) auto; gap: 2px 12px; align-items: center;
             padding: 8px 0; border-top: 1px solid var(--divider-color); }
  .reading .value { font-weight: 500; text-align: right; }
  .reading .value.unknown { color: var(--secondary-text-color); font-weight: 400; }
  .reading .why { font-size: 12px; color: var(--secondary-text-color); overflow-wrap: anywhere; }

  .plot canvas { display: block; width: 100%; border-radius: 8px; background: var(--secondary-background-color); }
  .axis { display: flex; justify-content: space-between; gap: 8px; font-size: 12px; color: var(--secondary-text-color); margin-top: 4px; }
  .legend { display: flex; align-items: center; gap: 8px; font-size: 12px; color: var(--secondary-text-color); }
  .legend i { width: 96px; height: 8px; border-radius: 4px; }

  .bar-line { height: 8px; border-radius: 4px; background: var(--divider-color); position: relative; overflow: hidden; }
  .bar-line i { position: absolute; inset: 0 auto 0 0; background: var(--primary-color); border-radius: 4px; }
  .bar-line.warn i { background: var(--warning-color); }
  .bar-line.soft i { background: var(--secondary-text-color); }
  .match { display: grid; gap: 4px 12px; grid-template-columns: minmax(0, 1fr) auto; padding: 8px 0;
           border-top: 1px solid var(--divider-color); }
  .match:first-child { border-top: 0; padding-top: 0; }
  .match .bars { grid-column: span 2; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 8px; align-items: center;
                 font-size: 12px; color: var(--secondary-text-color); }

  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  caption { text-align: left; font-weight: 500; padding-bottom: 4px; }
  th, td { text-align: left; padding: 8px 12px 8px 0; border-top: 1px solid var(--divider-color); vertical-align: top; }
  thead th { border-top: 0; font-size: 12px; font-weight: 400; color: var(--secondary-text-color); white-space: nowrap; }
  tbody th { font-weight: 500; }
  table + table, .scroll + .scroll { margin-top: 20px; }
  .parts { display: grid; grid-template-columns: repeat(4, minmax(52px, 1fr)); gap: 8px; font-size: 12px; max-width: 360px; }
  .parts .bar-line { margin-top: 2px; height: 4px; }
  @media (max-width: 700px) {
    thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    tr { display: grid; grid-template-columns: 1fr; border-top: 1px solid var(--divider-color); padding: 8px 0; }
    tbody tr:first-child { border-top: 0; }
    th, td { border: 0; padding: 2px 0; display: flex; justify-content: space-between; gap: 16px; }
    td[data-label]::before { content: attr(data-label); color: var(--secondary-text-color); flex: none; }
    td.block { display: block; } td.block::before { display: block; margin-bottom: 4px; }
    main { padding: 12px; gap: 12px; } .room, .stack { gap: 12px; } header.bar { padding: 0 8px; }
  }

  .rows > li { display: flex; justify-content: space-between; align-items: center; gap: 4px 16px; flex-wrap: wrap; padding: 6px 0;
               border-top: 1px solid var(--divider-color); min-height: 36px; }
  .rows > li:first-child { border-top: 0; }
  .columns { display: grid; gap: 16px 32px; grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr)); }
  .columns h3:first-child { margin-top: 0; }
  .ok { color: color-mix(in srgb, var(--success-color, #43a047) 65%, var(--primary-text-color)); }
  .bad { color: color-mix(in srgb, var(--error-color) 75%, var(--primary-text-color)); }
  .empty { grid-column: 1 / -1; padding: 48px 24px; text-align: center; display: grid; gap: 12px; justify-items: center; }
  .empty svg { width: 72px; height: 72px; color: var(--primary-color); }
  .empty p { max-width: 46ch; color: var(--secondary-text-color); }
  .empty h2 { font-weight: 500; font-size: 20px; }
  .gauge { display: block; width: 100%; max-width: 360px; height: auto; margin: 4px 0; }
  .gauge text { font-size: 11px; fill: var(--secondary-text-color); }
`;
