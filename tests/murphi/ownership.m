-- Ownership transfer, written by hand from protocols/ownership/README.md, not from the tables: one owner a line, the
-- home's owner register is swapped by each request, owners pass the line on. tests/murphi/compare sets SNAPSHOT.
const
  N: 3;
  NONE: N;             -- no node
  FORWARDS: N + 1;     -- to one cache at once: one from each other cache, and a PutAck
  SNAPSHOT: false;     -- reads: migrate (false) or snapshot (true)

type
  Cache: 0 .. N - 1;
  Node: 0 .. N;
  Value: 0 .. 1;
  CState: enum { I, M, II_D, IM_D, IM_D_I, MI_A, II_A };
  HState: enum { home_I, home_M };
  RequestKind: enum { no_request, GetS, GetM, PutM };
  ForwardKind: enum { FwdGetS, FwdGetM, PutAck };

var
  cache: array [Cache] of record
    state: CState;
    value: Value;
    successor: Node;
    readers: array [Cache] of boolean;
    current: array [Value] of boolean;  -- contents since the load was issued, in II_D
    loads: boolean;                     -- in IM_D, IM_D_I: what waits is a load
  end;
  home: record state: HState; owner: Node; value: Value; end;
  last: Value;  -- what the last store wrote
  -- A cache has one transaction, so there is one place for each of these; a second message there is an error.
  request: array [Cache] of record kind: RequestKind; value: Value; end;
  data: array [Cache] of record is_here: boolean; value: Value; end;
  forward: array [Cache] of record
    size: 0 .. FORWARDS;
    item: array [0 .. FORWARDS - 1] of record kind: ForwardKind; requestor: Cache; end;
  end;

procedure send_request(c: Cache; kind: RequestKind; v: Value);
begin
  assert "one request of a cache at a time" request[c].kind = no_request;
  request[c].kind := kind;
  request[c].value := v;
end;

procedure send_forward(destination: Node; kind: ForwardKind; requestor: Cache);
begin
  assert "forwards go to caches" destination != NONE;
  assert "forwards are bounded" forward[destination].size < FORWARDS;
  forward[destination].item[forward[destination].size].kind := kind;
  forward[destination].item[forward[destination].size].requestor := requestor;
  forward[destination].size := forward[destination].size + 1;
end;

procedure take_forward(c: Cache);
begin
  forward[c].size := forward[c].size - 1;
  for i := 0 to FORWARDS - 2 do
    if i < forward[c].size then
      forward[c].item[i] := forward[c].item[i + 1];
    end;
  end;
  undefine forward[c].item[forward[c].size];
end;

procedure send_data(c: Cache; v: Value);
begin
  assert "one answer to a cache at a time" !data[c].is_here;
  data[c].is_here := true;
  data[c].value := v;
end;

procedure store(c: Cache);
begin
  assert "a store changes the last value" cache[c].value = last;
  last := 1 - last;
  cache[c].value := last;
  for other: Cache do
    if cache[other].state = II_D then cache[other].current[last] := true; end;
  end;
end;

procedure forget(c: Cache);
begin
  cache[c].state := I;
  cache[c].value := 0;
end;

startstate
begin
  for c: Cache do
    forget(c);
    cache[c].successor := NONE;
    cache[c].loads := false;
    for d: Cache do cache[c].readers[d] := false; end;
    for v: Value do cache[c].current[v] := false; end;
    request[c].kind := no_request;
    request[c].value := 0;
    data[c].is_here := false;
    data[c].value := 0;
    forward[c].size := 0;
  end;
  home.state := home_I;
  home.owner := NONE;
  home.value := 0;
  last := 0;
end;

ruleset c: Cache do

  rule "a load misses"
    cache[c].state = I
  ==>
  begin
    if SNAPSHOT then
      cache[c].state := II_D;
      cache[c].current[last] := true;
      send_request(c, GetS, 0);
    else
      cache[c].state := IM_D;
      cache[c].loads := true;
      send_request(c, GetM, 0);
    end;
  end;

  rule "a store misses"
    cache[c].state = I
  ==>
  begin
    cache[c].state := IM_D;
    send_request(c, GetM, 0);
  end;

  rule "a store hits"
    cache[c].state = M
  ==>
  begin
    store(c);
  end;

  rule "replacement"
    cache[c].state = M
  ==>
  begin
    cache[c].state := MI_A;
    send_request(c, PutM, cache[c].value);
  end;

  rule "a forward arrives"
    forward[c].size > 0
  ==>
  var requestor: Cache;
  begin
    requestor := forward[c].item[0].requestor;
    switch forward[c].item[0].kind
    case FwdGetM:
      switch cache[c].state
      case M: send_data(requestor, cache[c].value); forget(c);
      case IM_D: cache[c].successor := requestor; cache[c].state := IM_D_I;
      case MI_A: send_data(requestor, cache[c].value); cache[c].value := 0; cache[c].state := II_A;
      else error "FwdGetM";
      end;
    case FwdGetS:
      switch cache[c].state
      case M, MI_A: send_data(requestor, cache[c].value);
      case IM_D: cache[c].readers[requestor] := true;
      else error "FwdGetS";
      end;
    case PutAck:
      assert "an evicting cache" cache[c].state = MI_A | cache[c].state = II_A;
      forget(c);
    end;
    take_forward(c);
  end;

  rule "data arrives"
    data[c].is_here
  ==>
  begin
    if cache[c].state = II_D then
      assert "a snapshot was current since the load" cache[c].current[data[c].value];
      for v: Value do cache[c].current[v] := false; end;
      cache[c].state := I;
    else
      assert "a waiting cache" cache[c].state = IM_D | cache[c].state = IM_D_I;
      cache[c].value := data[c].value;
      if cache[c].loads then
        assert "a load sees the last value" cache[c].value = last;
      else
        store(c);
      end;
      cache[c].loads := false;
      for reader: Cache do
        if cache[c].readers[reader] then
          send_data(reader, cache[c].value);
          cache[c].readers[reader] := false;
        end;
      end;
      if cache[c].state = IM_D then
        cache[c].state := M;
      else
        send_data(cache[c].successor, cache[c].value);
        cache[c].successor := NONE;
        forget(c);
      end;
    end;
    data[c].is_here := false;
    data[c].value := 0;
  end;

  rule "a request arrives"
    request[c].kind != no_request
  ==>
  begin
    switch request[c].kind
    case GetM:
      if home.state = home_I then
        send_data(c, home.value);
        home.value := 0;
        home.state := home_M;
      else
        send_forward(home.owner, FwdGetM, c);
      end;
      home.owner := c;
    case GetS:
      if home.state = home_I then
        send_data(c, home.value);
      else
        send_forward(home.owner, FwdGetS, c);
      end;
    case PutM:
      if home.state = home_M & home.owner = c then
        home.value := request[c].value;
        home.owner := NONE;
        home.state := home_I;
      end;
      send_forward(c, PutAck, c);
    end;
    request[c].kind := no_request;
    request[c].value := 0;
  end;

end;

function messages(): boolean;
begin
  for c: Cache do
    if request[c].kind != no_request | data[c].is_here | forward[c].size > 0 then return true; end;
  end;
  return false;
end;

function in_state(s: CState): 0 .. N;
var count: 0 .. N;
begin
  count := 0;
  for c: Cache do
    if cache[c].state = s then count := count + 1; end;
  end;
  return count;
end;

function quiescent(): boolean;
begin
  return !messages() & in_state(I) + in_state(M) = N;
end;

invariant "one owner" in_state(M) <= 1;
invariant "the owner has the last value" forall c: Cache do cache[c].state = M -> cache[c].value = last end;
invariant "no deadlock" messages() | in_state(I) + in_state(M) = N;

cover "quiescent" quiescent();
cover "I: I I I" quiescent() & home.state = home_I & in_state(I) = 3;
cover "M: I I M" quiescent() & home.state = home_M & in_state(M) = 1;
