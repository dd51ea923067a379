#include "process.h"

static mg_action_t send_kill(mg_plan_t *plan, mg_cause_t cause)
{
    plan->kill_sent = true;
    if (plan->cause == MG_CAUSE_NONE)
        plan->cause = cause;
    return MG_ACTION_KILL;
}

static mg_action_t send_term(mg_plan_t *plan, mg_cause_t cause, uint64_t now)
{
    plan->term_sent = true;
    plan->kill_at = mg_after(now, plan->grace_ns);
    if (plan->cause == MG_CAUSE_NONE)
        plan->cause = cause;
    return MG_ACTION_TERM;
}

/*
 *   state of the plan            condition                     action, cause
 *   KILL sent                    any                           -
 *   any                          kill wanted                   KILL, terminated
 *   any                          not ready, start_by passed    KILL, start timeout
 *   TERM sent                    kill_at passed                KILL
 *   TERM not sent                term wanted                   TERM, terminated
 *   TERM not sent                finish_by passed              TERM, deadline
 */
mg_action_t mg_plan_next(mg_plan_t *plan, bool ready, uint64_t now)
{
    if (plan->kill_sent)
        return MG_ACTION_NONE;
    if (plan->kill_wanted)
        return send_kill(plan, MG_CAUSE_TERMINATED);
    if (!ready && now >= plan->start_by)
        return send_kill(plan, MG_CAUSE_START_TIMEOUT);
    if (plan->term_sent)
        return now >= plan->kill_at ? send_kill(plan, plan->cause) : MG_ACTION_NONE;
    if (plan->term_wanted)
        return send_term(plan, MG_CAUSE_TERMINATED, now);
    if (now >= plan->finish_by)
        return send_term(plan, MG_CAUSE_DEADLINE, now);
    return MG_ACTION_NONE;
}

uint64_t mg_plan_wake_at(const mg_plan_t *plan, bool ready)
{
    uint64_t at = plan->term_sent ? plan->kill_at : plan->finish_by;

    if (plan->kill_sent)
        return MG_NEVER;
    if (!ready && plan->start_by < at)
        at = plan->start_by;
    return at;
}
