/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <CUnit/Basic.h>

int why_unit_main(CU_SuiteInfo *suites)
{
    int failed = 1;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    if (CU_register_suites(suites) == CUE_SUCCESS) {
        CU_basic_set_mode(CU_BRM_NORMAL);
        if (CU_basic_run_tests() == CUE_SUCCESS)
            failed = CU_get_number_of_tests_run() == 0 || CU_get_number_of_failures() > 0 ||
                     CU_get_number_of_suites_failed() > 0;
    }
    CU_cleanup_registry();
    return failed;
}
