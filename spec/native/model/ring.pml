/*
 * The protocol between a child that writes into its ring and the parent that reads it: claim, copy,
 * publish, wake, sleep, close, and the death of either side at any instant. `rake spec:model` checks
 * every interleaving of it, and that each mutant below is found.
 *
 * A record is two cells, so that half of it can be there. Memory is sequentially consistent here:
 * what weaker orders do is not this model's business (see the threads under ThreadSanitizer).
 *
 *   -DPARENT_DIES        the reader dies instead of the writer; the writer must come to an end
 * Mutants, each one line of the protocol broken:
 *   -DEARLY_PUBLISH      tail is stored before the second half is copied
 *   -DEARLY_RELEASE      head is stored before the record was copied out
 *   -DRING_BEFORE_DEATH  the reader asks "dead?" after it has looked at the ring
 *   -DNO_RECHECK         a waiter sleeps without another look at its condition
 *   -DLATE_ANNOUNCE      a waiter announces itself after that look
 *   -DWAKE_BEFORE_STORE  the writer notifies before it publishes
 *   -DNO_DEATH_NOTICE    the supervisor does not wake the reader
 *   -DCLOSED_TOO_SOON    "closed and empty" is believed without another look at tail
 *   -DNO_ORPHAN_CHECK    the writer's wait for room does not end with its parent (needs PARENT_DIES)
 */
#ifndef N
#define N 3
#endif
#ifndef CAP
#define CAP 2
#endif

/* An event count: the word that sleepers compare, who is announced, and one sleeper in the kernel. */
typedef eventcount { byte sequence; byte waiters; bool asleep };

eventcount parent_ec, child_ec;
byte first_half[CAP], second_half[CAP];
byte tail, head, published;
bool writer_closed, killed, child_gone, dead, parent_gone, paused, finished;

inline notify(ec) {
    if
    :: ec.waiters == 0
    :: else ->
        ec.sequence++;
        ec.asleep = false
    fi
}

/* The kernel compares and goes to sleep in one step. */
inline sleep_on(ec, ticket, or_else) {
    atomic {
        if
        :: ec.sequence != ticket
        :: else -> ec.asleep = true
        fi
    }
    (!ec.asleep || or_else);
    ec.waiters--
}

inline announce(ec, ticket) {
    ec.waiters++;
    ticket = ec.sequence
}

#ifdef NO_ORPHAN_CHECK
#define ORPHANED false
#else
#define ORPHANED parent_gone
#endif

inline wait_for_room() {
    do
    :: tail - head < CAP -> break
    :: else ->
        if
        :: ORPHANED -> goto over
        :: else
        fi;
        announce(child_ec, ticket);
        if
        :: tail - head < CAP -> child_ec.waiters--
        :: else -> sleep_on(child_ec, ticket, ORPHANED)
        fi
    od
}

inline publish() {
    /* `published` is no part of the protocol: what the reader must have seen in the end. */
    atomic { tail++; published++ }
}

proctype Writer() {
    byte ticket;
    byte i;

    {
        for (i : 0 .. N - 1) {
            wait_for_room();
            first_half[tail % CAP] = i + 1;
#if defined(EARLY_PUBLISH)
            publish();
            second_half[(tail - 1) % CAP] = i + 1;
            notify(parent_ec)
#elif defined(WAKE_BEFORE_STORE)
            second_half[tail % CAP] = i + 1;
            notify(parent_ec);
            publish()
#else
            second_half[tail % CAP] = i + 1;
            publish();
            notify(parent_ec)
#endif
            ;
            /* The block may work on for ever without another record. */
            if
            :: skip
            :: paused = true; false
            fi
        }
        writer_closed = true;
        notify(parent_ec);
        finished = true;
over:   skip
    } unless { killed };
    child_gone = true
}

proctype Supervisor() {
    child_gone || parent_gone;
    if
    :: parent_gone
    :: else ->
        dead = true;
#ifndef NO_DEATH_NOTICE
        notify(parent_ec)
#endif
    fi
}

inline take() {
#ifdef EARLY_RELEASE
    head++;
    assert(first_half[(head - 1) % CAP] == head);
    assert(second_half[(head - 1) % CAP] == head);
#else
    assert(first_half[head % CAP] == head + 1);
    assert(second_half[head % CAP] == head + 1);
    head++;
#endif
    notify(child_ec)
}

/* One pass over the ring, until it is empty or closed; the looks at its words one by one, as in refresh(). */
inline drain() {
    do
    :: closed -> break
    :: else ->
        seen = tail;
        if
        :: seen != head -> take()
        :: else ->
            if
            :: !writer_closed -> break
            :: else ->
#ifndef CLOSED_TOO_SOON
                seen = tail;
#endif
                closed = (seen == head)
            fi
        fi
    od
}

#define READABLE (dead || (!closed && (tail != head || writer_closed)))

proctype Reader() {
    byte ticket;
    byte seen;
    bool gone, closed;

    {
        do
        :: true ->
#ifdef RING_BEFORE_DEATH
            drain();
            gone = dead;
#else
            gone = dead;
            drain();
#endif
            if
            :: gone -> break
            :: else
            fi;
#ifdef LATE_ANNOUNCE
            if
            :: READABLE -> skip
            :: else ->
                announce(parent_ec, ticket);
                sleep_on(parent_ec, ticket, false)
            fi
#else
            announce(parent_ec, ticket);
#ifdef NO_RECHECK
            sleep_on(parent_ec, ticket, false)
#else
            if
            :: READABLE -> parent_ec.waiters--
            :: else -> sleep_on(parent_ec, ticket, false)
            fi
#endif
#endif
        od;
        assert(head == published);
        assert(!finished || head == N)
    } unless { parent_gone }
}

/* At any instant, or never. */
proctype Killer() {
    if
    :: skip
#ifdef PARENT_DIES
    :: parent_gone = true
#else
    :: killed = true
#endif
    fi
}

/* Looks when nothing moves any more: a child that only works on has left nothing unread. Then it is
 * killed, and all the others must come to their end. Anything else that stands still is found as an
 * invalid end state. */
proctype Monitor() {
    timeout;
    if
    :: paused && !killed ->
        assert(parent_gone || head == published);
        killed = true
    :: else
    fi
}

init {
    atomic {
        run Writer();
        run Reader();
        run Supervisor();
        run Killer();
        run Monitor()
    }
}
