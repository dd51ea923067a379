#include "arena.h"

#include "harness.h"

#define SIZE   (1u << 16)
#define BLOCKS 256

static mg_arena_t make(void)
{
    mg_arena_t arena;

    ASSERT_OK(mg_arena_init(&arena, harness_shared(SIZE), SIZE));
    return arena;
}

static uint64_t take(const mg_arena_t *arena, size_t size)
{
    uint64_t offset;

    ASSERT_OK(mg_arena_alloc(arena, size, &offset));
    ASSERT(mg_arena_at(arena, offset, size) != NULL);
    return offset;
}

static mg_arena_header_t *header_of(const mg_arena_t *arena)
{
    return (void *)arena->base;
}

TEST(memory_must_be_aligned_and_long_enough)
{
    mg_arena_t arena;
    unsigned char *memory = harness_shared(SIZE);

    ASSERT_STATUS(MG_INVALID, mg_arena_init(&arena, memory + 8, SIZE - 8));
    ASSERT_STATUS(MG_TOO_LARGE, mg_arena_init(&arena, memory, sizeof(mg_arena_header_t)));
    ASSERT_OK(mg_arena_init(&arena, memory, sizeof(mg_arena_header_t) + 128));
}

TEST(blocks_of_every_size_are_apart_and_aligned)
{
    mg_arena_t arena = make();
    uint64_t offsets[BLOCKS];

    for (size_t i = 0; i < BLOCKS; i++) {
        offsets[i] = take(&arena, i);
        ASSERT_EQ(0, offsets[i] % 8);
        memset(mg_arena_at(&arena, offsets[i], i), (int)i, i);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        const unsigned char *bytes = mg_arena_at(&arena, offsets[i], i);

        for (size_t j = 0; j < i; j++)
            ASSERT_EQ((unsigned char)i, bytes[j]);
    }
}

TEST(a_block_wastes_at_most_a_quarter)
{
    mg_arena_t arena = make();

    for (size_t size = 64; size < 4096; size += 37) {
        size_t before = mg_arena_used(&arena);

        mg_arena_clear(&arena);
        before = mg_arena_used(&arena);
        (void)take(&arena, size);
        ASSERT(mg_arena_used(&arena) - before <= (size + 8) * 5 / 4 + 8);
    }
}

TEST(a_freed_block_is_used_again)
{
    mg_arena_t arena = make();
    uint64_t first = take(&arena, 100);
    uint64_t second = take(&arena, 100);
    size_t used = mg_arena_used(&arena);

    ASSERT_OK(mg_arena_free(&arena, first));
    ASSERT_OK(mg_arena_free(&arena, second));
    ASSERT_EQ(second, take(&arena, 97));
    ASSERT_EQ(first, take(&arena, 103));
    ASSERT_EQ(used, mg_arena_used(&arena));
    ASSERT(take(&arena, 100) != first);
}

TEST(a_full_arena_says_so_and_takes_larger_freed_blocks)
{
    mg_arena_t arena = make();
    uint64_t large = take(&arena, 1000);
    uint64_t offset;

    while (mg_arena_alloc(&arena, 24, &offset) == MG_OK)
        ASSERT(offset != 0);
    ASSERT_STATUS(MG_FULL, mg_arena_alloc(&arena, 24, &offset));
    ASSERT_EQ(0, offset);
    ASSERT_STATUS(MG_FULL, mg_arena_alloc(&arena, SIZE_MAX, &offset));
    ASSERT_STATUS(MG_FULL, mg_arena_alloc(&arena, SIZE, &offset));
    ASSERT_OK(mg_arena_free(&arena, large));
    ASSERT_EQ(large, take(&arena, 24));
    mg_arena_clear(&arena);
    (void)take(&arena, SIZE / 2);
}

TEST(what_is_no_block_is_refused)
{
    mg_arena_t arena = make();
    uint64_t block = take(&arena, 100);

    ASSERT(mg_arena_at(&arena, 0, 1) == NULL);
    ASSERT(mg_arena_at(&arena, block + 1, 1) == NULL);
    ASSERT(mg_arena_at(&arena, block, SIZE) == NULL);
    ASSERT(mg_arena_at(&arena, SIZE + 8, 0) == NULL);
    ASSERT(mg_arena_at(&arena, UINT64_MAX - 7, 16) == NULL);
    ASSERT_STATUS(MG_CORRUPT, mg_arena_free(&arena, 0));
    ASSERT_STATUS(MG_CORRUPT, mg_arena_free(&arena, block + 8));
    ASSERT_STATUS(MG_CORRUPT, mg_arena_free(&arena, UINT64_MAX & ~UINT64_C(7)));
}

TEST(scribbled_lists_and_tops_are_found)
{
    mg_arena_t arena = make();
    uint64_t block = take(&arena, 100);
    uint64_t offset;

    ASSERT_OK(mg_arena_free(&arena, block));
    /* The same step as above, its list scribbled over. */
    for (size_t step = 0; step < MG_ARENA_STEPS; step++)
        if (header_of(&arena)->freed[step] != 0)
            header_of(&arena)->freed[step] = block + 8;
    ASSERT_STATUS(MG_CORRUPT, mg_arena_alloc(&arena, 100, &offset));
    mg_arena_clear(&arena);
    header_of(&arena)->top = SIZE * 2u;
    ASSERT_STATUS(MG_FULL, mg_arena_alloc(&arena, 24, &offset));
    header_of(&arena)->top = 12;
    ASSERT_STATUS(MG_CORRUPT, mg_arena_alloc(&arena, 24, &offset));
    header_of(&arena)->magic = 0;
    ASSERT_STATUS(MG_CORRUPT, mg_arena_alloc(&arena, 24, &offset));
}

int main(void)
{
    RUN(memory_must_be_aligned_and_long_enough);
    RUN(blocks_of_every_size_are_apart_and_aligned);
    RUN(a_block_wastes_at_most_a_quarter);
    RUN(a_freed_block_is_used_again);
    RUN(a_full_arena_says_so_and_takes_larger_freed_blocks);
    RUN(what_is_no_block_is_refused);
    RUN(scribbled_lists_and_tops_are_found);
    return harness_finish();
}
