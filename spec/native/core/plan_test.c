#include "process.h"

#include "harness.h"

static mg_plan_t plan(void)
{
    return (mg_plan_t){.start_by = 100, .finish_by = MG_NEVER, .kill_at = MG_NEVER, .grace_ns = 50};
}

TEST(nothing_is_due_without_a_request)
{
    mg_plan_t p = plan();

    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, false, 99));
    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, true, 1000));
    ASSERT_EQ(100, mg_plan_wake_at(&p, false));
    ASSERT_EQ(MG_NEVER, mg_plan_wake_at(&p, true));
    ASSERT_EQ(MG_CAUSE_NONE, p.cause);
}

TEST(a_child_that_does_not_start_is_killed_once)
{
    mg_plan_t p = plan();

    ASSERT_EQ(MG_ACTION_KILL, mg_plan_next(&p, false, 100));
    ASSERT_EQ(MG_CAUSE_START_TIMEOUT, p.cause);
    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, false, 1000));
    ASSERT_EQ(MG_NEVER, mg_plan_wake_at(&p, false));
}

TEST(a_deadline_means_term_and_then_kill)
{
    mg_plan_t p = plan();

    p.finish_by = 200;
    ASSERT_EQ(200, mg_plan_wake_at(&p, true));
    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, true, 199));
    ASSERT_EQ(MG_ACTION_TERM, mg_plan_next(&p, true, 210));
    ASSERT_EQ(260, mg_plan_wake_at(&p, true));
    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, true, 259));
    ASSERT_EQ(MG_ACTION_KILL, mg_plan_next(&p, true, 260));
    ASSERT_EQ(MG_CAUSE_DEADLINE, p.cause);
    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, true, 300));
}

TEST(a_request_to_end_is_carried_out_at_once)
{
    mg_plan_t p = plan();

    p.term_wanted = true;
    p.finish_by = 0;
    ASSERT_EQ(MG_ACTION_TERM, mg_plan_next(&p, true, 10));
    ASSERT_EQ(MG_CAUSE_TERMINATED, p.cause);
    ASSERT_EQ(MG_ACTION_NONE, mg_plan_next(&p, true, 20));
    p.kill_wanted = true;
    ASSERT_EQ(MG_ACTION_KILL, mg_plan_next(&p, true, 21));
    ASSERT_EQ(MG_CAUSE_TERMINATED, p.cause);
}

TEST(the_first_cause_stays)
{
    mg_plan_t p = plan();

    p.finish_by = 5;
    ASSERT_EQ(MG_ACTION_TERM, mg_plan_next(&p, true, 5));
    p.kill_wanted = true;
    ASSERT_EQ(MG_ACTION_KILL, mg_plan_next(&p, true, 6));
    ASSERT_EQ(MG_CAUSE_DEADLINE, p.cause);
}

TEST(a_child_told_to_end_before_it_started_is_still_killed_at_its_start_deadline)
{
    mg_plan_t p = plan();

    p.grace_ns = MG_NEVER;
    p.term_wanted = true;
    ASSERT_EQ(MG_ACTION_TERM, mg_plan_next(&p, false, 10));
    ASSERT_EQ(MG_NEVER, p.kill_at);
    ASSERT_EQ(100, mg_plan_wake_at(&p, false));
    ASSERT_EQ(MG_ACTION_KILL, mg_plan_next(&p, false, 100));
}

TEST(times_do_not_overflow)
{
    ASSERT_EQ(MG_NEVER, mg_after(2, MG_NEVER));
    ASSERT_EQ(MG_NEVER, mg_after(MG_NEVER, 1));
    ASSERT_EQ(5, mg_after(2, 3));
}

int main(void)
{
    RUN(nothing_is_due_without_a_request);
    RUN(a_child_that_does_not_start_is_killed_once);
    RUN(a_deadline_means_term_and_then_kill);
    RUN(a_request_to_end_is_carried_out_at_once);
    RUN(the_first_cause_stays);
    RUN(a_child_told_to_end_before_it_started_is_still_killed_at_its_start_deadline);
    RUN(times_do_not_overflow);
    return harness_finish();
}
