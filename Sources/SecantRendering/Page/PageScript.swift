/// The only script of a page.
///
/// The page also works without it.
enum PageScript {
  /// The program: links to tokens (`#t3`), arrow keys in grids, numbers of what has the focus, and the prompt's colours
  /// for chosen tokens of an answer.
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
    const answer=document.getElementById("answer-words");
    if(answer!==null)if(answer.dataset.rows!==undefined){
    const words=[...answer.children],texts=[...document.getElementById("prompt-words").children];
    const cells=texts.concat(words),chosen=document.getElementById("chosen"),list=x=>x.split(" ").map(Number);
    const scales=list(answer.dataset.scales),sums=list(answer.dataset.sums),columns=list(answer.dataset.columns);
    const view=new DataView(Uint8Array.from(atob(answer.dataset.rows),c=>c.charCodeAt(0)).buffer);
    const count=view.byteLength/2/words.length;
    const before=cells.map(c=>[c.className,c.dataset.n]),whole=chosen.textContent;
    const sign=x=>(x>0?"+":"")+x.toFixed(3);
    let start=-1,end=-1;
    const show=()=>{
    const low=Math.min(start,end),high=Math.max(start,end);
    words.forEach((w,i)=>w.setAttribute("aria-selected",start!==-1?i>=low?high>=i:false:false));
    if(start===-1){cells.forEach((c,i)=>{c.className=before[i][0];
    if(before[i][1]!==undefined)c.dataset.n=before[i][1];});chosen.textContent=whole;return;}
    const values=new Float64Array(count);let sum=0,left=0;
    for(let r=low;high>=r;r++){sum+=sums[r];if(scales[r]===0)left++;
    for(let c=0;c!==count;c++)values[c]+=scales[r]*view.getInt16(2*(r*count+c),true);}
    const of=i=>columns[i]>=0?values[columns[i]]:0;
    let largest=0;texts.forEach((t,i)=>{largest=Math.max(largest,Math.abs(of(i)));});
    cells.forEach((c,i)=>{if(i>=columns.length)return;if(columns[i]===-1)return;
    const v=of(i),step=largest>0?Math.min(8,Math.round(8*Math.abs(v)/largest)):0;
    c.className=step===0?"":(v>0?"p":"n")+step;c.dataset.n=sign(v);});
    chosen.textContent="Chosen: "+words.slice(low,high+1).map(w=>w.textContent).join("")+"  "+sign(sum)+\
    (left>0?"; "+left+" of these tokens were not divided":"");};
    const at=e=>{const hit=document.elementFromPoint(e.clientX,e.clientY);
    return hit===null?-1:words.indexOf(hit);};
    answer.addEventListener("pointerdown",e=>{const i=at(e);if(i===-1)return;
    if(e.shiftKey===false)start=i;if(start===-1)start=i;end=i;show();});
    answer.addEventListener("pointermove",e=>{if(e.buttons!==1)return;const i=at(e);
    if(i===-1)return;if(i===end)return;end=i;show();});
    answer.addEventListener("keydown",e=>{
    if(e.key==="Escape"){start=end=-1;show();return;}
    const step={ArrowLeft:-1,ArrowUp:-1,ArrowRight:1,ArrowDown:1}[e.key];
    if(step===undefined)return;
    e.preventDefault();
    end=start===-1?0:Math.min(words.length-1,Math.max(0,end+step));
    if(start===-1)start=end;if(e.shiftKey===false)start=end;
    show();words[end].scrollIntoView({block:"nearest"});});}
    """

  /// The digest by which the page's policy admits this script and no other.
  static let digest = "sha256-JPXDn5OOsAg70sbPKbB3jUO55je8M5OBQ9rH0NAnnqo="
}
