#pragma once

#include "gui/models/traffic_history.h"
#include "gui/theme.h"

#include <QWidget>

#include <memory>

namespace signalbox::gui {

/// The traffic of a server over time: messages, bytes and connections, one above the other on one
/// axis of time.
///
/// Live, it shows the newest span; dragging, the wheel or a box (with Shift) leave it where they
/// put it until it is told to be live again.
class TrafficPlot : public QWidget {
    Q_OBJECT

public:
    TrafficPlot(TrafficHistory const& history, Theme const& theme, QWidget* parent = nullptr);
    ~TrafficPlot() override;

    /// How much time is seen while live, and from now on.
    void setSpan(qint64 milliseconds);
    void setLive(bool live);
    bool live() const;

    /// Takes over what is new and draws it, at most as often as it is called.
    void refresh();
    /// The same without waiting, for pictures.
    void refreshNow();

    bool savePng(QString const& path);
    /// What is seen, as comma-separated values with a heading.
    QString csv() const;

    void zoom(double factor);
    void pan(double fraction);

signals:
    void liveChanged(bool live);
    /// What the cursor is at, in words; empty when it is nowhere.
    void cursorMoved(QString const& text);

private:
    void draw(bool now);

    class Impl;
    TrafficHistory const& history_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::gui
