/// The only script of a page.
///
/// The page also works without it.
package enum PageScript {
  /// The program: links to tokens, blocks, heads and sections (`#t3`, `#t3,h4.2`, `#layers`), a chosen token, block or
  /// head that is marked wherever it is shown, the switch of target and gate rule, arrow keys in grids, numbers of what
  /// has the focus, and the prompt's colours for chosen tokens of an answer.
  ///
  /// It reads attributes of the page and sets text, never markup. It loads, stores and sends
  /// nothing. It contains no "<" and no "&", so the page is also XML.
  static let source = """
    "use strict";
    const readout=document.getElementById("readout");
    const selection={t:null,b:null,h:null},selected=document.getElementById("selection");
    const named=k=>{
    if(k==="b")return "block "+selection.b;
    if(k==="h")return "head "+selection.h;
    const text=document.querySelector("label[for=t"+selection.t+"] bdi");
    return (text===null?"token ":text.textContent)+"@"+selection.t;};
    const mark=()=>{
    for(const e of document.querySelectorAll(".linked"))e.classList.remove("linked");
    const kinds=Object.keys(selection).filter(k=>selection[k]!==null);
    for(const k of kinds)for(const e of document.querySelectorAll("[data-"+k+"='"+selection[k]+"']"))\
    if(Object.keys(selection).every(o=>e.dataset[o]===undefined?true:e.dataset[o]===selection[o]))\
    e.classList.add("linked");
    const shown=kinds.filter(k=>k!=="b"?true:selection.h===null);
    selected.textContent=shown.length===0?"":"Chosen: "+shown.map(named).join(", ");};
    const set=(t,b,h)=>{
    if(t!==undefined){selection.t=t;
    const radio=document.getElementById("t"+t);
    if(radio!==null)if(radio.name==="token")radio.checked=true;}
    if(h!==undefined){selection.h=h;selection.b=h.split(".")[0];}
    else if(b!==undefined){selection.b=b;selection.h=null;}
    mark();};
    const write=()=>{
    const parts=[];
    if(selection.t!==null)parts.push("t"+selection.t);
    if(selection.h!==null)parts.push("h"+selection.h);
    else if(selection.b!==null)parts.push("b"+selection.b);
    history.replaceState(null,"",parts.length===0?location.pathname:"#"+parts.join(","));};
    const choose=()=>{
    const id=location.hash.slice(1);
    if(id==="")return;
    if(/^([tb][0-9]+|h[0-9]+[.][0-9]+)(,([tb][0-9]+|h[0-9]+[.][0-9]+))*$/.test(id)){
    const found={};
    for(const part of id.split(","))found[part[0]]=part.slice(1);
    set(found.t,found.b,found.h);
    const label=found.t===undefined?null:document.querySelector("label[for=t"+found.t+"]");
    if(label!==null)label.scrollIntoView({block:"nearest"});
    return;}
    const place=document.getElementById(id);
    if(place===null)return;
    const tab=place.closest(".tab");
    if(tab!==null){
    const tabs=[...tab.parentElement.children].filter(e=>e.classList.contains("tab"));
    document.getElementById("tab-"+(tabs.indexOf(tab)+1)).checked=true;
    place.scrollIntoView();}};
    addEventListener("hashchange",choose);
    choose();
    document.addEventListener("change",e=>{
    if(e.target.name==="token"){set(e.target.id.slice(1));write();}});
    document.addEventListener("click",e=>{
    const part=e.target.closest("[data-t],[data-b],[data-h]");
    if(part===null)return;
    set(part.dataset.t,part.dataset.b,part.dataset.h);write();});
    const views=document.getElementById("switch");
    if(views!==null){
    views.hidden=false;
    const places=views.dataset.places.split(" ");
    const lists=["view-target","view-rule"].map(id=>document.getElementById(id));
    views.addEventListener("change",()=>{
    const k=places.indexOf(lists.map(l=>l.value).join("."));
    if(k===-1)return;
    for(const e of document.querySelectorAll("[data-view]"))e.hidden=e.dataset.view!==String(k);
    for(const label of document.querySelectorAll("[data-views]")){
    const [kind,value,part]=label.dataset.views.split(";")[k].split("|");
    label.className=kind;label.title=value+" logits ("+part+")";
    const small=label.querySelector("small"),share=label.nextElementSibling.querySelector(".headline dd");
    if(small!==null)small.textContent=value;
    if(share!==null)share.textContent=value+" logits, "+part;}
    mark();});}
    const say=e=>{
    const cell=e.target.closest("[data-n]")??document.activeElement.closest("[data-n]");
    readout.textContent=cell===null?"":cell.dataset.n;};
    for(const type of ["mouseover","focusin"])document.addEventListener(type,say);
    const steps={ArrowLeft:[0,-1],ArrowRight:[0,1],ArrowUp:[-1,0],ArrowDown:[1,0]};
    document.addEventListener("keydown",e=>{
    if(e.key==="Escape")if(selection.b!==null){selection.b=selection.h=null;mark();write();}
    const step=steps[e.key],cell=e.target.closest("td[data-n]");
    if(e.key==="Enter")if(cell!==null){set(cell.dataset.t,cell.dataset.b,cell.dataset.h);write();}
    if(step===undefined||cell===null)return;
    e.preventDefault();
    const row=cell.parentElement,rows=row.parentElement.rows;
    const next=rows[row.sectionRowIndex+step[0]];
    const to=next===undefined?undefined:next.cells[cell.cellIndex+step[1]];
    if(to===undefined)return;
    if(to.dataset.n===undefined)return;
    cell.tabIndex=-1;to.tabIndex=0;to.focus();});
    for(const frame of document.querySelectorAll(".in-columns")){
    const cells=[...frame.querySelectorAll(".middle g")],top=g=>g.querySelector("rect").getAttribute("y");
    const width=cells.filter(g=>top(g)===top(cells[0])).length;
    let at=-1;
    frame.addEventListener("keydown",e=>{
    const step=steps[e.key];
    if(e.key==="Enter")if(at!==-1){const d=cells[at].dataset;set(d.t,d.b,d.h);write();}
    if(step===undefined)return;
    e.preventDefault();
    const column=at===-1?0:at%width+step[1],next=at===-1?0:at+step[0]*width+step[1];
    if(column===-1||column===width||cells[next]===undefined)return;
    if(at!==-1)cells[at].classList.remove("at");
    at=next;
    cells[at].classList.add("at");
    cells[at].scrollIntoView({block:"nearest",inline:"center"});
    readout.textContent=cells[at].querySelector("title").textContent;});}
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
    const v=of(i),step=largest>0?Math.min(8,Math.round(8*Math.sqrt(Math.abs(v)/largest))):0;
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
  package static let digest = "sha256-aFaKO/cPCOCRkRFhujw+s2kxlKeZVpv2Yv6X5sDjVSQ="
}
