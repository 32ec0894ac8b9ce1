#pragma once

#include "gui/pages/page.h"

class QLabel;
class QLineEdit;

namespace signalbox::gui {

/// Where one begins: a card for each use, and how a client connects once there is a broker.
class StartPage : public Page {
    Q_OBJECT

public:
    explicit StartPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;

private:
    QWidget* card(QString const& iconName, QString const& title, QString const& text,
                  QList<QAction*> const& actions);
    QWidget* clientCard();
    void showState();

    QLabel* state_ = nullptr;
    QWidget* client_ = nullptr;
    QLineEdit* url_ = nullptr;
    QLineEdit* sub_ = nullptr;
    QLineEdit* pub_ = nullptr;
    QLineEdit* raw_ = nullptr;
};

}  // namespace signalbox::gui
