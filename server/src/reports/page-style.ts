/** Of a page that stands for itself: system fonts, both themes, paper. Colours are those of the dashboard. */
export const pageStyle = `
:root{color-scheme:light dark;--page:#fff;--raised:#f6f7f9;--ink:#1b2330;--ink-2:#4a5464;--ink-3:#5d6776;--border:#d6dae1;--grid:#e6e9ee;
--on:#0072b2;--uncertain:#b35300;--dominated:#7c8594;--limit:#a3195b;--band:rgb(0 114 178/14%);--good:#1b7c55;--good-soft:#e6f4ed;
--bad:#a3122b;--bad-soft:#fbeaec;--open:#8a5000;--open-soft:#fdf3e0;--same:#4a5464;--same-soft:#eef0f3;
--s1:#0072b2;--s2:#b35300;--s3:#1b7c55;--s4:#a3195b;--s5:#6741b5;--s6:#4a5464}
@media (prefers-color-scheme:dark){:root{--page:#0e1116;--raised:#161b23;--ink:#e8ecf2;--ink-2:#b4bdca;--ink-3:#919cac;--border:#2c3441;--grid:#222833;
--on:#56b4e9;--uncertain:#f09a4a;--dominated:#7e8898;--limit:#f08cb8;--band:rgb(86 180 233/16%);--good:#84e0b0;--good-soft:#12291f;
--bad:#ff7d94;--bad-soft:#331820;--open:#f5c22b;--open-soft:#2b2410;--same:#b4bdca;--same-soft:#1b212b;
--s1:#56b4e9;--s2:#f09a4a;--s3:#84e0b0;--s4:#f08cb8;--s5:#b8a1f5;--s6:#b4bdca}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1000px;margin:0 auto;padding:40px 24px 64px}
h1,h2,h3{line-height:1.25;margin:0;text-wrap:balance;overflow-wrap:anywhere}
h1{font-size:34px;letter-spacing:-.015em;font-weight:700}
h2{font-size:21px;letter-spacing:-.01em;margin:56px 0 4px}
h3{font-size:16px;margin:32px 0 2px}
p{margin:6px 0;max-width:76ch}
.eyebrow{margin:0 0 6px;color:var(--ink-3);font-size:13px;font-weight:600;letter-spacing:.02em}
.meta,.note{color:var(--ink-2);font-size:13.5px}
.meta{max-width:none}
.note{margin:4px 0 12px}
code{font:.92em ui-monospace,"SF Mono","Cascadia Mono","Liberation Mono",Menlo,monospace}
a{color:var(--on)}
.verdict{display:grid;grid-template-columns:44px 1fr;gap:4px 16px;align-items:center;margin:28px 0 0;padding:20px 22px;border-radius:10px;background:var(--soft);color:var(--ink)}
.verdict svg{grid-row:span 2;width:44px;height:44px;fill:var(--tone)}
.verdict strong{font-size:22px;line-height:1.25;color:var(--tone);letter-spacing:-.01em}
.verdict span{color:var(--ink);max-width:76ch}
.improved{--tone:var(--good);--soft:var(--good-soft)}.worse,.failed{--tone:var(--bad);--soft:var(--bad-soft)}
.inconclusive,.open{--tone:var(--open);--soft:var(--open-soft)}.same,.neutral{--tone:var(--same);--soft:var(--same-soft)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));gap:20px 28px;margin:28px 0 0;padding:0}
.facts div{min-width:0}
.facts dt{color:var(--ink-3);font-size:13px}
.facts dd{margin:0;line-height:1.35;font-size:22px;font-weight:650;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.facts dd small{font-size:13.5px;font-weight:400;color:var(--ink-2);letter-spacing:0}
.meter{display:block;height:4px;margin-top:6px;border-radius:2px;background:var(--grid);overflow:hidden}
.meter i{display:block;height:100%;border-radius:2px;background:var(--on)}
.ship{list-style:none;margin:12px 0 0;padding:0;border-top:1px solid var(--border)}
.ship li{display:grid;grid-template-columns:minmax(120px,190px) 1fr;gap:2px 20px;padding:11px 0;border-bottom:1px solid var(--border)}
.ship li>span:first-child{color:var(--ink-2);overflow-wrap:anywhere}
.ship p{margin:0;color:var(--ink-2);font-size:14px}
.ship b{font-size:16px}
.scroll{overflow-x:auto;margin:10px 0 0}
table{width:100%;border-collapse:collapse;font-size:13.5px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th{padding:6px 10px;text-align:left;vertical-align:bottom;color:var(--ink-3);font-weight:600;border-bottom:1px solid var(--border);white-space:nowrap}
td,tbody th{padding:7px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
tbody th{color:var(--ink);font-weight:600;white-space:normal;min-width:150px;overflow-wrap:anywhere}
tbody th.n{min-width:0}.w{white-space:nowrap}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
.n{text-align:right;white-space:nowrap}
td small,tbody th small{display:block;color:var(--ink-3);font-weight:400}
.tag{display:inline-flex;align-items:center;gap:6px;font-weight:600;color:var(--tone);white-space:nowrap}
.tag svg{width:12px;height:12px;fill:var(--tone)}
.why{min-width:240px;color:var(--ink-2)}
details{margin:12px 0 0}
summary{cursor:pointer;color:var(--ink-2);font-size:13.5px;padding:4px 0}
summary:hover{color:var(--ink)}
:focus-visible{outline:2px solid var(--on);outline-offset:3px;border-radius:3px}
figure{margin:8px 0 0;overflow-x:auto}
figcaption{color:var(--ink-2);font-size:13px;margin-top:2px}
.chart{display:block;width:100%;height:auto;font-size:12.5px}
.grid{stroke:var(--grid);shape-rendering:crispEdges}.tick{fill:var(--ink-2)}.axis{fill:var(--ink);font-weight:600}
.band{fill:var(--band)}.stairs{fill:none;stroke:var(--on);stroke-width:1.7;stroke-linejoin:round}
.ghost{fill:none;stroke:var(--ink-3);stroke-width:1.3;stroke-dasharray:5 4}
.hatch{stroke:var(--dominated);stroke-width:.8}.limit{stroke:var(--limit);stroke-width:1.5}.limit-name{fill:var(--limit);font-weight:600}
.bar{stroke:var(--dominated);opacity:.85}.on .mark{fill:var(--on)}
.uncertain .mark{fill:var(--page);stroke:var(--uncertain);stroke-width:1.9}.dominated .mark{fill:var(--page);stroke:var(--dominated);stroke-width:1.3}
.triangle{fill:var(--page);stroke:var(--ink);stroke-width:1.2}.infeasible{opacity:.3}
.name{fill:var(--ink-2);font-size:11.5px;paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
.ring{fill:none;stroke:var(--ink);stroke-width:2.2}.flag rect{fill:var(--ink)}.flag text{fill:var(--page);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:10px 0 0;padding:0;list-style:none;color:var(--ink-2);font-size:13px}
.legend li{display:inline-flex;align-items:center;gap:7px}.legend svg{width:22px;height:14px;overflow:visible}
.series path{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.series .lead{stroke-width:1;opacity:.5}.series circle,.series text{fill:var(--c)}.series text{font-weight:600}
.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}
.s2>path:first-child:not(.solid){stroke-dasharray:7 3}.s3>path:first-child:not(.solid){stroke-dasharray:2 3}.s4>path:first-child:not(.solid){stroke-dasharray:9 3 2 3}.s5>path:first-child:not(.solid){stroke-dasharray:4 2}.s6>path:first-child:not(.solid){stroke-dasharray:1 2}
.change{display:block;width:168px;height:20px}.change .pass{fill:var(--grid)}.change .zero{stroke:var(--ink-3)}.change .span{stroke:var(--tone);stroke-width:2.5}.change .dot{fill:var(--tone)}
.series .solid{fill:var(--c);stroke:none}.series .hollow,.series.disturbed :is(.solid,circle){fill:var(--page);stroke:var(--c);stroke-width:1.6}.series .whisker{stroke:var(--c);stroke-width:1.5;opacity:.7}
.stripe{fill:var(--raised)}.still{stroke:var(--ink);stroke-width:1.3}.row{fill:var(--ink)}.hint{font-size:11px}
.gaps{margin:8px 0 0;padding-left:20px;color:var(--ink-2);font-size:14px}.gaps li{margin:3px 0;max-width:76ch}
footer{margin-top:64px;padding-top:14px;border-top:1px solid var(--border);color:var(--ink-3);font-size:13px}
@media (max-width:640px){main{padding:24px 16px 48px}h1{font-size:27px}.ship li{grid-template-columns:1fr}.chart{min-width:620px}}
@media print{:root{color-scheme:light}main{max-width:none;padding:0}body{font-size:10.5pt}h2{margin-top:28px;break-after:avoid}h3{break-after:avoid}figure,tr,.ship li,.verdict{break-inside:avoid}.scroll{overflow:visible}.chart{max-height:9cm}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@page{margin:16mm}
`.trim();
