// Entry points of the measurements.
#pragma once

#include "options.h"
#include "report.h"

namespace natsload {

void run_throughput(Options const& options, Report& report);  // pub pubsub pairs queue wild
void run_roundtrip(Options const& options, Report& report);   // reqrep
void run_open_loop(Options const& options, Report& report);   // latency
void run_churn(Options const& options, Report& report);
void run_idle_connections(Options const& options, Report& report);
void run_jet_stream_publish(Options const& options, Report& report);
void run_jet_stream_pull(Options const& options, Report& report);

}  // namespace natsload
