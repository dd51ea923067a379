#include "harness.h"

TEST(every_code_has_its_own_name)
{
#define XX(name, code)                                                                             \
    ASSERT_STR(#name, mg_status_name(name));                                                       \
    ASSERT_EQ(code, name);
    MG_STATUS_MAP(XX)
#undef XX
}

TEST(a_number_that_is_no_code_has_a_name_too)
{
    ASSERT_STR("MG_UNKNOWN", mg_status_name((mg_status_t)19));
    ASSERT_STR("MG_UNKNOWN", mg_status_name((mg_status_t)4711));
}

int main(void)
{
    RUN(every_code_has_its_own_name);
    RUN(a_number_that_is_no_code_has_a_name_too);
    return harness_finish();
}
