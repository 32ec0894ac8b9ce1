#include "gui/widgets/frame_meter.h"

#include <algorithm>

namespace signalbox::gui {

namespace {

constexpr int kFrameMilliseconds = 16;

}  // namespace

FrameMeter::FrameMeter(QObject* parent) : QObject(parent) {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(kFrameMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &FrameMeter::tick);
}

void FrameMeter::setRunning(bool running) {
    if (running == timer_.isActive()) {
        return;
    }
    if (!running) {
        timer_.stop();
        return;
    }
    ticks_ = 0;
    longest_ = 0;
    second_.start();
    last_.start();
    timer_.start();
}

void FrameMeter::tick() {
    ++ticks_;
    longest_ = std::max(longest_, last_.restart());
    qint64 const passed = second_.elapsed();
    if (passed >= 1000) {
        emit measured(std::min(60, static_cast<int>(ticks_ * 1000 / passed)),
                      static_cast<int>(longest_));
        second_.restart();
        ticks_ = 0;
        longest_ = 0;
    }
}

}  // namespace signalbox::gui
