#include "status.h"

const char *mg_status_name(mg_status_t status)
{
    switch (status) {
#define XX(name, code)                                                                             \
    case name:                                                                                     \
        return #name;
        MG_STATUS_MAP(XX)
#undef XX
    }
    return "MG_UNKNOWN";
}
