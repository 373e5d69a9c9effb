/* SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "dial/udp.h"
#include "wire/redirection.h"

const struct why_target *why_task_target(const struct task *task)
{
    return task->to.host != NULL ? &task->to : &task->host->target;
}

void why_task_drop_redirection(struct task *task)
{
    volatile uint8_t *byte = task->redirection.data;

    for (size_t i = 0; i < task->redirection.len; i++)
        byte[i] = 0;
    free(task->redirection.data);
    task->redirection = (struct why_license_data){NULL, 0};
}

bool why_task_brings_account(const struct task *task)
{
    struct why_redirection redirection;

    return task->hop > 0 && task->redirection.data != NULL &&
           why_redirection_read(task->redirection.data, task->redirection.len, &redirection) &&
           redirection.fields[WHY_REDIRECTION_PASSWORD].len > 0;
}

bool *why_task_account_used(struct task *task)
{
    return task->hop > 0 ? &task->host->account_used_at_hop[task->hop - 1]
                         : why_host_account_used(task->host, task->step);
}

void why_task_free(struct task *task)
{
    why_task_drop_redirection(task);
    free(task->to.host);
    why_dial_free(task->dial);
    why_trace_free(task->trace);
    why_result_free(task->first_try);
    free(task->license.data);
    free(task->issued.data);
    if (task->fd >= 0)
        (void)close(task->fd);
    free(task);
}

/* All that the attempt, and whoever judges it, has to know of the file. */
static void put_settings(struct task *task, const struct why_rdp_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        why_task_event(task, WHY_EV_FILE, file->items[i].use, file->items[i].text);
}

uint64_t why_task_time_us(const struct why_scan *scan)
{
    return scan->timeout_us + (scan->until == WHY_PHASE_SESSION ? scan->watch_us : 0) +
           (scan->udp ? WHY_UDP_TRIES * WHY_UDP_WAIT_US : 0);
}

bool why_task_start_trace(struct task *task, const struct why_scan *scan)
{
    struct why_trace_head head = {
        .host = why_task_target(task)->host,
        .port = why_task_target(task)->port,
        .library =
            why_scan_versions().library_running, /* it is our own attempt, as far as it gets */
        .profile = task->step->profile,
        .license_mode = task->step->license_mode,
        .until = scan->until,
        .started_us = why_clock_wall_us(),
        .credentials = scan->credentials != NULL,
        .variation = why_variation_name(task->variation),
        .hop = task->hop,
    };

    why_trace_free(task->trace);
    task->trace = why_trace_new(&head);
    task->began_us = why_clock_us();
    if (task->trace != NULL && task->host->target.file != NULL)
        put_settings(task, task->host->target.file);
    return task->trace != NULL;
}

void why_task_event(struct task *task, enum why_event_kind kind, int64_t value, const char *text)
{
    struct why_event event = {
        .t_us = why_clock_us() - task->began_us, .kind = kind, .value = value, .text = text};

    /* Out of memory loses the event, not the attempt: the trace counts what it lost. */
    (void)why_trace_append(task->trace, &event);
}

#define WAIT_US 1000000u /* so long nothing takes that does not hang */

void why_host_wait(struct task_wait *wait, const struct host *host, const struct why_scan *scan,
                   bool silent, uint64_t left_us)
{
    /* Who takes connections and says nothing will do so again. */
    if (silent)
        left_us += (host->step_count - host->started) * why_task_time_us(scan);
    if (left_us > wait->left_us)
        wait->left_us = left_us;
}

void why_task_wait(struct task_wait *wait, const struct task *task, const struct why_scan *scan,
                   uint64_t now_us)
{
    uint64_t left = task->deadline_us > now_us ? task->deadline_us - now_us : 0;

    if (now_us < task->began_us + WAIT_US && !task->host->silent)
        return;
    /* Who takes no connections is not asked again. */
    why_host_wait(wait, task->host, scan, task->dial == NULL || task->host->silent, left);
    if (wait->longest == NULL || task->began_us < wait->longest->began_us)
        wait->longest = task;
}

void why_queue_put(struct task_queue *queue, struct task *task, enum task_state state)
{
    task->state = state;
    task->next = NULL;
    if (queue->last != NULL)
        queue->last->next = task;
    else
        queue->first = task;
    queue->last = task;
    queue->count++;
}

struct task *why_queue_take(struct task_queue *queue)
{
    struct task *task = queue->first;

    if (task == NULL)
        return NULL;
    queue->first = task->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->count--;
    return task;
}

struct task *why_queue_take_due(struct task_queue *queue, uint64_t now_us)
{
    return queue->first != NULL && queue->first->not_before_us <= now_us ? why_queue_take(queue)
                                                                         : NULL;
}
