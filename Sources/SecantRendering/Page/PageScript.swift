/// The only script of a page.
///
/// The page also works without it.
enum PageScript {
  /// The program: links to tokens (`#t3`), arrow keys in grids, and the numbers of the focused
  /// cell.
  ///
  /// It reads attributes of the page and sets text, never markup. It loads, stores and sends
  /// nothing. It contains no "<" and no "&", so the page is also XML.
  static let source = """
    "use strict";
    const readout=document.getElementById("readout");
    const choose=()=>{
    const id=location.hash.slice(1),radio=id===""?null:document.getElementById(id);
    if(radio!==null)if(radio.name==="token"){radio.checked=true;\
    radio.nextElementSibling.scrollIntoView({block:"nearest"});}};
    addEventListener("hashchange",choose);
    choose();
    document.addEventListener("change",e=>{
    if(e.target.name==="token")history.replaceState(null,"","#"+e.target.id);});
    const say=e=>{
    const cell=e.target.closest("[data-n]")??document.activeElement.closest("[data-n]");
    readout.textContent=cell===null?"":cell.dataset.n;};
    for(const type of ["mouseover","focusin"])document.addEventListener(type,say);
    const steps={ArrowLeft:[0,-1],ArrowRight:[0,1],ArrowUp:[-1,0],ArrowDown:[1,0]};
    document.addEventListener("keydown",e=>{
    const step=steps[e.key],cell=e.target.closest("td[data-n]");
    if(step===undefined||cell===null)return;
    e.preventDefault();
    const row=cell.parentElement,rows=row.parentElement.rows;
    const next=rows[row.sectionRowIndex+step[0]];
    const to=next===undefined?undefined:next.cells[cell.cellIndex+step[1]];
    if(to===undefined)return;
    if(to.dataset.n===undefined)return;
    cell.tabIndex=-1;to.tabIndex=0;to.focus();});
    """

  /// The digest with which the page's policy allows only this script.
  static let digest = "sha256-PE3zMddU/gPpRRIEFv7uLfpR/lBrK4BSZEMtCXC3Qdg="
}
