-- Directory MSI with a full map, written by hand from the Primer (2nd ed., tables 8.1 and 8.2), not from our tables.
-- Beyond the book: an upgrade is answered without data (AckCount, as in its MOSI protocol).
const
  N: 3;
  NONE: N;             -- no node
  FORWARDS: N + 1;     -- to one cache at once

type
  Cache: 0 .. N - 1;
  Node: 0 .. N;
  Value: 0 .. 1;
  CState: enum { I, S, M, IS_D, IM_AD, IM_A, SM_AD, SM_A, MI_A, SI_A, II_A };
  HState: enum { home_I, home_S, home_M, home_S_D };
  RequestKind: enum { no_request, GetS, GetM, PutS, PutM };
  ForwardKind: enum { FwdGetS, FwdGetM, Inv, PutAck };
  AnswerKind: enum { no_answer, Data, AckCount };

var
  cache: array [Cache] of record state: CState; value: Value; acks: -N .. N; end;
  home: record state: HState; owner: Node; sharer: array [Cache] of boolean; value: Value; end;
  last: Value;  -- what the last store wrote
  -- A cache has one transaction and a home one copy-back: one place for each; a second message there is an error.
  request: array [Cache] of record kind: RequestKind; value: Value; end;
  answer: array [Cache] of record kind: AnswerKind; acks: 0 .. N; value: Value; end;
  inv_acks: array [Cache] of 0 .. N;  -- in flight to the cache
  copy_back: record is_here: boolean; value: Value; end;
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

procedure send_answer(c: Cache; kind: AnswerKind; acks: 0 .. N; v: Value);
begin
  assert "one answer to a cache at a time" answer[c].kind = no_answer;
  answer[c].kind := kind;
  answer[c].acks := acks;
  answer[c].value := v;
end;

procedure send_copy_back(v: Value);
begin
  assert "one copy-back at a time" !copy_back.is_here;
  copy_back.is_here := true;
  copy_back.value := v;
end;

procedure store(c: Cache);
begin
  assert "a store changes the last value" cache[c].value = last;
  last := 1 - last;
  cache[c].value := last;
  cache[c].state := M;
end;

procedure forget(c: Cache);
begin
  cache[c].state := I;
  cache[c].value := 0;
  cache[c].acks := 0;
end;

function sharers(): 0 .. N;
var count: 0 .. N;
begin
  count := 0;
  for c: Cache do
    if home.sharer[c] then count := count + 1; end;
  end;
  return count;
end;

procedure invalidate_sharers_for(c: Cache);
begin
  for other: Cache do
    if home.sharer[other] & other != c then send_forward(other, Inv, c); end;
    home.sharer[other] := false;
  end;
end;

startstate
begin
  for c: Cache do
    forget(c);
    home.sharer[c] := false;
    request[c].kind := no_request;
    request[c].value := 0;
    answer[c].kind := no_answer;
    answer[c].acks := 0;
    answer[c].value := 0;
    inv_acks[c] := 0;
    forward[c].size := 0;
  end;
  home.state := home_I;
  home.owner := NONE;
  home.value := 0;
  copy_back.is_here := false;
  copy_back.value := 0;
  last := 0;
end;

function stalls(c: Cache): boolean;  -- the oldest forward to a cache that waits
begin
  switch cache[c].state
  case IM_AD, IM_A, SM_AD, SM_A:
    return forward[c].item[0].kind = FwdGetS | forward[c].item[0].kind = FwdGetM;
  case IS_D:
    return forward[c].item[0].kind = Inv;
  end;
  return false;
end;

ruleset c: Cache do

  rule "a load misses"
    cache[c].state = I
  ==>
  begin
    cache[c].state := IS_D;
    send_request(c, GetS, 0);
  end;

  rule "a store misses"
    cache[c].state = I
  ==>
  begin
    cache[c].state := IM_AD;
    send_request(c, GetM, 0);
  end;

  rule "an upgrade"
    cache[c].state = S
  ==>
  begin
    cache[c].state := SM_AD;
    send_request(c, GetM, 0);
  end;

  rule "a store hits"
    cache[c].state = M
  ==>
  begin
    store(c);
  end;

  rule "replacement"
    cache[c].state = S | cache[c].state = M
  ==>
  begin
    switch cache[c].state
    case S: cache[c].state := SI_A; cache[c].value := 0; send_request(c, PutS, 0);
    case M: cache[c].state := MI_A; send_request(c, PutM, cache[c].value);
    end;
  end;

  rule "a forward arrives"
    forward[c].size > 0 & !stalls(c)
  ==>
  var requestor: Cache;
  begin
    requestor := forward[c].item[0].requestor;
    switch forward[c].item[0].kind
    case FwdGetS:
      send_answer(requestor, Data, 0, cache[c].value);
      send_copy_back(cache[c].value);
      switch cache[c].state
      case M: cache[c].state := S;
      case MI_A: cache[c].state := SI_A; cache[c].value := 0;
      else error "FwdGetS";
      end;
    case FwdGetM:
      send_answer(requestor, Data, 0, cache[c].value);
      switch cache[c].state
      case M: forget(c);
      case MI_A: cache[c].state := II_A; cache[c].value := 0;
      else error "FwdGetM";
      end;
    case Inv:
      inv_acks[requestor] := inv_acks[requestor] + 1;
      switch cache[c].state
      case S: forget(c);
      case SM_AD: cache[c].state := IM_AD; cache[c].value := 0;
      case SI_A: cache[c].state := II_A;
      else error "Inv";
      end;
    case PutAck:
      switch cache[c].state
      case MI_A, SI_A, II_A: forget(c);
      else error "PutAck";
      end;
    end;
    take_forward(c);
  end;

  rule "an answer arrives"
    answer[c].kind != no_answer
  ==>
  begin
    switch answer[c].kind
    case Data:
      cache[c].value := answer[c].value;
      if cache[c].state = IS_D then
        assert "readers wait for no acknowledgements" answer[c].acks = 0;
        assert "a load sees the last value" cache[c].value = last;
        cache[c].state := S;
      else
        assert "a writer without a copy" cache[c].state = IM_AD;
        cache[c].acks := cache[c].acks + answer[c].acks;
        if cache[c].acks = 0 then store(c); else cache[c].state := IM_A; end;
      end;
    case AckCount:
      assert "a writer with a copy" cache[c].state = SM_AD;
      cache[c].acks := cache[c].acks + answer[c].acks;
      if cache[c].acks = 0 then store(c); else cache[c].state := SM_A; end;
    end;
    answer[c].kind := no_answer;
    answer[c].acks := 0;
    answer[c].value := 0;
  end;

  rule "an InvAck arrives"
    inv_acks[c] > 0
  ==>
  begin
    inv_acks[c] := inv_acks[c] - 1;
    cache[c].acks := cache[c].acks - 1;
    switch cache[c].state
    case IM_AD, SM_AD:
    case IM_A, SM_A: if cache[c].acks = 0 then store(c); end;
    else error "InvAck";
    end;
  end;

  rule "a request arrives"
    request[c].kind != no_request &
    !(home.state = home_S_D & (request[c].kind = GetS | request[c].kind = GetM))
  ==>
  begin
    switch request[c].kind
    case GetS:
      switch home.state
      case home_I, home_S: send_answer(c, Data, 0, home.value); home.sharer[c] := true; home.state := home_S;
      case home_M:
        send_forward(home.owner, FwdGetS, c);
        home.sharer[c] := true;
        home.sharer[home.owner] := true;
        home.owner := NONE;
        home.state := home_S_D;
      end;
    case GetM:
      switch home.state
      case home_I: send_answer(c, Data, 0, home.value);
      case home_S:
        if home.sharer[c] then
          send_answer(c, AckCount, sharers() - 1, 0);
        else
          send_answer(c, Data, sharers(), home.value);
        end;
        invalidate_sharers_for(c);
      case home_M: send_forward(home.owner, FwdGetM, c);
      end;
      home.owner := c;
      home.state := home_M;
    else  -- a Put
      if home.state = home_M & home.owner = c & request[c].kind = PutM then
        if request[c].kind = PutM then home.value := request[c].value; end;
        home.owner := NONE;
        home.state := home_I;
      elsif home.sharer[c] then
        home.sharer[c] := false;
        if home.state = home_S & sharers() = 0 then home.state := home_I; end;
      end;
      send_forward(c, PutAck, c);
    end;
    request[c].kind := no_request;
    request[c].value := 0;
  end;

end;

rule "a copy-back arrives"
  copy_back.is_here
==>
begin
  assert "the home waits for it" home.state = home_S_D;
  home.value := copy_back.value;
  home.state := home_S;
  copy_back.is_here := false;
  copy_back.value := 0;
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

function stable(): boolean;
begin
  return in_state(I) + in_state(S) + in_state(M) = N & home.state != home_S_D;
end;

function messages(): boolean;
begin
  for c: Cache do
    if request[c].kind != no_request | answer[c].kind != no_answer | inv_acks[c] > 0 | forward[c].size > 0 then
      return true;
    end;
  end;
  return copy_back.is_here;
end;

function quiescent(): boolean;
begin
  return stable() & !messages();
end;

function consumable(): boolean;
begin
  for c: Cache do
    if answer[c].kind != no_answer | inv_acks[c] > 0 then return true; end;
    if forward[c].size > 0 then
      if !stalls(c) then return true; end;
    end;
    if request[c].kind != no_request &
       !(home.state = home_S_D & (request[c].kind = GetS | request[c].kind = GetM)) then return true; end;
  end;
  return copy_back.is_here;
end;

invariant "single writer, or readers"
  in_state(M) <= 1 & (in_state(M) = 1 -> in_state(S) + in_state(SM_AD) + in_state(SM_A) = 0);
invariant "copies have the last value"
  forall c: Cache do
    (cache[c].state = S | cache[c].state = M | cache[c].state = SM_AD | cache[c].state = SM_A
    ) -> cache[c].value = last
  end;
invariant "no deadlock" quiescent() | consumable();

-- How many states of each class there are: tests/murphi/compare holds them against `baton check --quiescent`.
cover "quiescent" quiescent();
cover "I: I I I" quiescent() & home.state = home_I & in_state(I) = 3;
cover "S: I I I" quiescent() & home.state = home_S & in_state(I) = 3;
cover "S: I I S" quiescent() & home.state = home_S & in_state(S) = 1;
cover "S: I S S" quiescent() & home.state = home_S & in_state(S) = 2;
cover "S: S S S" quiescent() & home.state = home_S & in_state(S) = 3;
cover "M: I I M" quiescent() & home.state = home_M & in_state(M) = 1;
