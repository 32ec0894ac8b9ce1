#pragma once

#include "gui/models/busy_model.h"
#include "gui/pages/page.h"

class QLabel;

namespace signalbox::gui {

class LiveTable;
class StatCard;

/// The broker at a glance: its figures, who is busiest, and what happened last.
class OverviewPage : public Page {
    Q_OBJECT

public:
    explicit OverviewPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;

private:
    QWidget* cards();
    QWidget* panel(QString const& title, QWidget* content);
    StatCard* addCard(QString const& title, std::size_t color, QString const& page);
    void showServer(observe::ServerSnapshot const& server, observe::Snapshot const& snapshot);
    void showState();

    BusyModel* subjects_;
    BusyModel* connections_;
    QLabel* server_ = nullptr;
    QWidget* cardRow_ = nullptr;
    StatCard* msgsIn_ = nullptr;
    StatCard* msgsOut_ = nullptr;
    StatCard* bytesIn_ = nullptr;
    StatCard* bytesOut_ = nullptr;
    StatCard* clients_ = nullptr;
    StatCard* subscriptions_ = nullptr;
    StatCard* slow_ = nullptr;
    StatCard* process_ = nullptr;
};

}  // namespace signalbox::gui
