/* A ring between a writer that does what the input says, a reader that reads, and a third who
 * scribbles over the shared memory. Until the first scribble every message comes out as it went
 * in; after it the reader may refuse anything, but stays inside its buffers and comes to an end. */
#include "ring_layout.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY  1024u
#define MESSAGES  64u
#define MAX_BYTES 2000u

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static _Alignas(MG_CACHE_LINE) unsigned char memory[sizeof(mg_ring_shared_t) + CAPACITY];
static unsigned char content[MAX_BYTES];

static struct {
    const uint8_t *cursor;
    const uint8_t *end;
} input;

static struct {
    mg_ring_writer_t writer;
    mg_ring_reader_t reader;
    mg_message_t message; /* being written, perhaps in parts */
    bool writing;
    size_t lengths[MESSAGES]; /* of what was written, by aux */
    uint32_t written;
    uint32_t next;   /* message the reader must see */
    size_t received; /* bytes of it */
    bool scribbled;
    bool refused;
} state;

static uint64_t take_bytes(unsigned count)
{
    uint64_t value = 0;

    for (; count > 0 && input.cursor < input.end; count--)
        value = value << 8 | *input.cursor++;
    return value;
}

static void write_some(void)
{
    mg_status_t status;

    if (!state.writing) {
        if (state.written == MESSAGES)
            return;
        state.lengths[state.written] = (size_t)take_bytes(2) % MAX_BYTES;
        state.message = (mg_message_t){.bytes = content,
                                       .length = state.lengths[state.written],
                                       .aux = state.written,
                                       .kind = 7};
        state.writing = true;
    }
    status = mg_ring_write(&state.writer, &state.message);
    REQUIRE(status == MG_OK || status == MG_FULL || state.scribbled);
    if (status == MG_OK) {
        state.writing = false;
        state.written++;
    }
}

/* What a sound ring yields. */
static void check_sound(const mg_record_t *record, const unsigned char *payload)
{
    REQUIRE(record->kind == 7 && record->aux == state.next);
    REQUIRE(record->message_length == state.lengths[state.next]);
    REQUIRE(state.received + record->length <= state.lengths[state.next]);
    REQUIRE(record->length == 0 || memcmp(payload, content + state.received, record->length) == 0);
    state.received += record->length;
    if ((record->flags & MG_RECORD_LAST) != 0) {
        REQUIRE(state.received == state.lengths[state.next]);
        state.received = 0;
        state.next++;
    }
}

static void read_one(void)
{
    mg_record_t record;
    unsigned char *payload;
    mg_status_t status = mg_ring_peek(&state.reader, &record);

    if (status != MG_OK) {
        REQUIRE(status == MG_EMPTY || status == MG_CLOSED || state.scribbled);
        state.refused = status == MG_CORRUPT;
        return;
    }
    REQUIRE(record.length <= mg_ring_fragment_limit(CAPACITY));
    payload = malloc(record.length > 0 ? record.length : 1);
    REQUIRE(payload != NULL);
    status = mg_ring_take(&state.reader, &record, payload);
    REQUIRE(status == MG_OK || state.scribbled);
    if (status == MG_OK && !state.scribbled)
        check_sound(&record, payload);
    state.refused = status != MG_OK;
    free(payload);
}

static void scribble(void)
{
    size_t offset = (size_t)take_bytes(2) % sizeof(memory);
    size_t count = (size_t)take_bytes(1) % 16 + 1;

    state.scribbled = true;
    for (size_t i = 0; i < count && offset + i < sizeof(memory); i++)
        memory[offset + i] = (unsigned char)take_bytes(1);
}

static void move_position(void)
{
    mg_ring_shared_t *shared = (void *)memory;
    uint64_t by = take_bytes(2);

    state.scribbled = true;
    atomic_store(take_bytes(1) % 2 != 0 ? &shared->tail : &shared->head, state.reader.head + by);
}

/* Makes a damaged record's checksum right, so that what lies behind that check is reached too. */
static void repair_checksum(void)
{
    unsigned char payload[CAPACITY];
    mg_ring_header_t header;
    unsigned char *data = memory + sizeof(mg_ring_shared_t);
    size_t place = (size_t)(state.reader.head % CAPACITY);

    mg_ring_copy_out(data, CAPACITY, state.reader.head, &header, sizeof(header));
    if (header.length > CAPACITY - MG_RING_RECORD_HEADER)
        return;
    state.scribbled = true;
    header.sequence = state.reader.sequence;
    mg_ring_copy_out(data, CAPACITY, state.reader.head + sizeof(header), payload, header.length);
    header.checksum = mg_ring_record_checksum(&header, payload);
    for (size_t i = 0; i < sizeof(header); i++)
        data[(place + i) % CAPACITY] = ((unsigned char *)&header)[i];
}

static void start(uint64_t position)
{
    memset(&state, 0, sizeof(state));
    for (size_t i = 0; content[1] == 0 && i < sizeof(content); i++)
        content[i] = (unsigned char)(i * 7 + i / 256);
    REQUIRE(mg_ring_init(memory, sizeof(memory), CAPACITY, position * 8, 3) == MG_OK);
    REQUIRE(mg_ring_attach_writer(&state.writer, memory, CAPACITY, 3) == MG_OK);
    REQUIRE(mg_ring_attach_reader(&state.reader, memory, CAPACITY, 3) == MG_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    input.cursor = bytes;
    input.end = bytes + length;
    start(UINT64_MAX / 8 - take_bytes(1));
    while (input.cursor < input.end && !state.refused) {
        switch (take_bytes(1) % 8) {
        case 0:
        case 1:
        case 2:
            write_some();
            break;
        case 3:
        case 4:
            read_one();
            break;
        case 5:
            scribble();
            break;
        case 6:
            move_position();
            break;
        default:
            repair_checksum();
            break;
        }
        (void)mg_ring_valid(memory, CAPACITY);
    }
    return 0;
}
