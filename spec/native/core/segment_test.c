#include "segment.h"

#include "harness.h"

TEST(maps_at_least_what_was_asked_zeroed)
{
    mg_segment_t segment;
    void *region;

    ASSERT_OK(mg_segment_create(&segment, 100000));
    ASSERT_OK(mg_segment_check(&segment));
    ASSERT_OK(mg_segment_carve(&segment, 100000, 8, &region));
    for (size_t i = 0; i < 100000; i++)
        ASSERT_EQ(0, ((unsigned char *)region)[i]);
    ASSERT_EQ(0, segment.size % (size_t)sysconf(_SC_PAGESIZE));
    ASSERT_EQ(getpid(), segment.owner);
    mg_segment_destroy(&segment);
}

TEST(refuses_sizes_that_cannot_be)
{
    mg_segment_t segment;

    ASSERT_STATUS(MG_INVALID, mg_segment_create(&segment, 0));
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_create(&segment, SIZE_MAX));
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_create(&segment, SIZE_MAX - 63));
    ASSERT_STATUS(MG_NO_MEMORY, mg_segment_create(&segment, SIZE_MAX / 2));
    ASSERT(segment.base == NULL);
    mg_segment_destroy(&segment);
}

TEST(regions_are_aligned_and_apart)
{
    mg_segment_t segment;
    unsigned char *before = NULL;

    ASSERT_OK(mg_segment_create(&segment, 1 << 16));
    for (size_t alignment = 8; alignment <= 8192; alignment *= 2) {
        void *region;

        ASSERT_OK(mg_segment_carve(&segment, 13, alignment, &region));
        ASSERT_EQ(0, (uintptr_t)region % alignment);
        ASSERT(before == NULL || (unsigned char *)region >= before + 13);
        memset(region, 0xff, 13);
        before = region;
    }
    ASSERT_OK(mg_segment_check(&segment));
    mg_segment_destroy(&segment);
}

TEST(refuses_alignments_that_are_none)
{
    static const size_t bad[] = {0, 1, 4, 7, 9, 24, 100};
    mg_segment_t segment;
    void *region;

    ASSERT_OK(mg_segment_create(&segment, 4096));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        ASSERT_STATUS(MG_INVALID, mg_segment_carve(&segment, 8, bad[i], &region));
    ASSERT(region == NULL);
    mg_segment_destroy(&segment);
}

TEST(carves_to_the_last_byte_and_no_further)
{
    mg_segment_t segment;
    void *region;
    size_t room;

    ASSERT_OK(mg_segment_create(&segment, 4000));
    room = segment.size - segment.used;
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_carve(&segment, room + 1, 8, &region));
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_carve(&segment, SIZE_MAX, 8, &region));
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_carve(&segment, 8, segment.size, &region));
    ASSERT_OK(mg_segment_carve(&segment, room, 8, &region));
    memset(region, 0xff, room);
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_carve(&segment, 1, 8, &region));
    ASSERT_OK(mg_segment_carve(&segment, 0, 8, &region));
    ASSERT_STATUS(MG_TOO_LARGE, mg_segment_carve(&segment, 0, (size_t)1 << 40, &region));
    mg_segment_destroy(&segment);
}

TEST(a_damaged_header_is_found)
{
    mg_segment_t segment;

    ASSERT_OK(mg_segment_create(&segment, 4096));
    for (size_t i = 0; i < 20; i++) {
        segment.base[i] ^= 1;
        ASSERT_STATUS(MG_CORRUPT, mg_segment_check(&segment));
        segment.base[i] ^= 1;
    }
    ASSERT_OK(mg_segment_check(&segment));
    mg_segment_destroy(&segment);
}

TEST(destroying_is_idempotent_and_final)
{
    mg_segment_t segment;
    void *region;

    ASSERT_OK(mg_segment_create(&segment, 4096));
    mg_segment_destroy(&segment);
    mg_segment_destroy(&segment);
    ASSERT_STATUS(MG_CLOSED, mg_segment_check(&segment));
    ASSERT_STATUS(MG_CLOSED, mg_segment_carve(&segment, 8, 8, &region));
}

static void write_and_destroy(void *argument)
{
    mg_segment_t *segment = argument;

    segment->base[4095] = 42;
    mg_segment_destroy(segment);
    ASSERT_STATUS(MG_CLOSED, mg_segment_check(segment));
}

TEST(a_child_shares_the_bytes_and_unmaps_only_its_own_view)
{
    mg_segment_t segment;

    ASSERT_OK(mg_segment_create(&segment, 4096));
    ASSERT_EXITED(0, harness_fork(write_and_destroy, &segment));
    ASSERT_EQ(42, segment.base[4095]);
    ASSERT_OK(mg_segment_check(&segment));
    mg_segment_destroy(&segment);
}

int main(void)
{
    RUN(maps_at_least_what_was_asked_zeroed);
    RUN(refuses_sizes_that_cannot_be);
    RUN(regions_are_aligned_and_apart);
    RUN(refuses_alignments_that_are_none);
    RUN(carves_to_the_last_byte_and_no_further);
    RUN(a_damaged_header_is_found);
    RUN(destroying_is_idempotent_and_final);
    RUN(a_child_shares_the_bytes_and_unmaps_only_its_own_view);
    return harness_finish();
}
