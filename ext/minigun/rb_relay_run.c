#include "rb_relay.h"

#include "rb_records.h"
#include "rb_status.h"

#include <unistd.h>

/* Outcomes wait no longer to be read. */
#define MOST_NAP_NS 1e6

static double processors;
static ID id_outlet;

static mg_eventcount_t *child_ec(const rb_mg_relay_t *relay)
{
    return &relay->child->process->control->child_ec;
}

static VALUE at(const rb_mg_relay_t *relay, unsigned index)
{
    return relay->items[(relay->head + index) % MG_WINDOW_MOST];
}

bool rb_mg_relay_take(rb_mg_relay_t *relay)
{
    VALUE item;

    if (!rb_mg_inbox_take_wanted(relay->box, relay->units, &item))
        return false;
    relay->items[(relay->head + relay->count) % MG_WINDOW_MOST] = item;
    relay->count++;
    if (relay->singles)
        relay->counts->consumed++;
    rb_mg_inbox_freed(relay->box);
    return true;
}

void rb_mg_relay_settle(rb_mg_relay_t *relay)
{
    relay->items[relay->head] = Qnil;
    relay->head = (relay->head + 1) % MG_WINDOW_MOST;
    relay->count--;
    relay->delivered = 0;
    relay->stateful = false;
    if (relay->sent > 0) {
        relay->sent--;
        relay->number++;
    }
    rb_mg_flight_lower(relay->units, 1);
}

static VALUE take_object(rb_mg_relay_t *relay)
{
    VALUE object = rb_mg_child_decode(relay->child);

    rb_mg_message_clear(&relay->child->message);
    return object;
}

static void emit(rb_mg_relay_t *relay)
{
    VALUE item = take_object(relay);

    if (RB_UNLIKELY(relay->way == NULL)) {
        VALUE outlet = rb_funcallv(relay->node, id_outlet, 0, NULL);

        relay->way = rb_mg_outlet_get(outlet);
        relay->outlet = outlet;
    }
    relay->delivered++;
    rb_mg_outlet_emit(relay->outlet, relay->way, item);
}

static void hand_over(uint8_t kind, uint32_t aux, VALUE object)
{
    rb_yield_values(3, UINT2NUM(kind), UINT2NUM(aux), object);
}

/* Its child works on the items in the order in which they were sent. */
static void check_due(const rb_mg_relay_t *relay, uint32_t aux)
{
    if (relay->sent == 0 || aux != (uint32_t)relay->number)
        rb_raise(rb_mg_eRingCorrupted, "an outcome of item %u, which is not due", aux);
}

/* Between the counts nothing looks for interrupts. */
static void done(rb_mg_relay_t *relay, uint32_t aux, VALUE seconds)
{
    double time = RFLOAT_VALUE(seconds);
    long place;

    mg_window_took(&relay->window, time);
    if (!relay->singles || relay->stateful)
        hand_over(RB_MG_RECORD_DONE, aux, seconds);
    if (relay->singles) {
        place = rb_mg_tally_draw(relay->counts);
        relay->counts->processed++;
        rb_mg_tally_observe(relay->counts, place, seconds);
    }
    rb_mg_relay_settle(relay);
}

static void handle_other(rb_mg_relay_t *relay, uint8_t kind, uint32_t aux)
{
    if (kind == RB_MG_RECORD_EMIT || kind == RB_MG_RECORD_EMIT_TO)
        relay->delivered++;
    else if (kind == RB_MG_RECORD_STATE)
        relay->stateful = true;
    else if (kind == RB_MG_RECORD_FAILED)
        check_due(relay, aux);
    hand_over(kind, aux, take_object(relay));
    if (kind == RB_MG_RECORD_FAILED)
        rb_mg_relay_settle(relay);
}

static void handle(rb_mg_relay_t *relay)
{
    uint8_t kind = relay->child->message.kind;
    uint32_t aux = relay->child->message.aux;

    if (kind == RB_MG_RECORD_EMIT && relay->direct) {
        emit(relay);
    } else if (kind == RB_MG_RECORD_DONE) {
        VALUE seconds = take_object(relay);

        Check_Type(seconds, T_FLOAT);
        check_due(relay, aux);
        done(relay, aux, seconds);
    } else {
        handle_other(relay, kind, aux);
    }
    rb_mg_child_check_open(relay->child);
}

/* While a record for the child waits for room. */
static void drain(void *argument)
{
    rb_mg_relay_t *relay = argument;

    relay->encoding = false;
    if (rb_mg_child_receive(relay->child, child_ec(relay)))
        handle(relay);
    relay->encoding = true;
}

/* Sends the first that was not sent. False: the child is gone. It counts as sent before it is, for
 * its outcome may come while the rest of it is still on the way. */
static bool send_next(rb_mg_relay_t *relay)
{
    uint64_t number = relay->number + relay->sent;

    relay->encoding = true;
    if (!rb_mg_child_post(relay->child, RB_MG_RECORD_ITEM, (uint32_t)number, at(relay, relay->sent),
                          drain, relay))
        relay->gone = true;
    else
        relay->sent++;
    relay->encoding = false;
    return !relay->gone;
}

/* A slot takes no more than its share of what waits: none shall wait behind others while another
 * slot has nothing to do. */
static void send_more(rb_mg_relay_t *relay, unsigned size)
{
    size_t share = relay->box->size / relay->width;

    while (relay->sent < size && relay->sent < relay->count) {
        if (!send_next(relay))
            return;
    }
    for (; relay->count < size && share > 0; share--) {
        if (!rb_mg_relay_take(relay) || !send_next(relay))
            return;
    }
}

/* For as long as the child is likely to work on half of what it has, beside its siblings. */
static uint64_t nap(const rb_mg_relay_t *relay)
{
    double load = relay->width / processors;
    double ns = relay->window.seconds * 1e9 * relay->sent / 2 * (load > 1 ? load : 1);

    return ns < MOST_NAP_NS ? (uint64_t)ns : (uint64_t)MOST_NAP_NS;
}

/* Half a window at a time: the child works on the other half meanwhile. */
static void fill(rb_mg_relay_t *relay)
{
    unsigned size = mg_window_size(&relay->window);
    unsigned before = relay->sent;

    if (relay->holding || relay->gone || relay->child->ended || (before > 0 && before > size / 2))
        return;
    send_more(relay, size);
    if (relay->sent == before)
        return;
    rb_mg_child_notify(relay->child);
    /* Of one item the answer is waited for; of several many are to gather. */
    relay->child->burst = relay->sent > 1 ? relay->sent : 0;
    relay->child->nap_ns = nap(relay);
}

bool rb_mg_relay_run(rb_mg_relay_t *relay)
{
    fill(relay);
    while (relay->sent > 0) {
        if (rb_mg_child_await(relay->child, RB_MG_PARENT) == RB_MG_GONE)
            return false;
        do {
            uint64_t number = relay->number;

            handle(relay);
            rb_thread_check_ints();
            rb_mg_child_check_open(relay->child);
            if (relay->number != number)
                fill(relay);
        } while (relay->sent > 0 && rb_mg_child_receive(relay->child, child_ec(relay)));
    }
    return !relay->gone;
}

void rb_mg_init_relay_run(void)
{
    processors = (double)sysconf(_SC_NPROCESSORS_ONLN);
    processors = processors > 0 ? processors : 1;
    id_outlet = rb_intern("outlet");
}
