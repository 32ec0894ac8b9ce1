#pragma once

#include "gui/pages/page.h"

class QLabel;
class QLayout;
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
    QLayout* localCards();
    QLayout* remoteCards();
    QWidget* lookingCard();
    void showLooking(observe::RemoteFacts const& facts);
    void showState();

    /// How a server elsewhere is looked at.
    struct Looking {
        QWidget* card = nullptr;
        QLabel* version = nullptr;
        QLabel* figures = nullptr;
        QLabel* events = nullptr;
        QLabel* messages = nullptr;
        QLabel* cost = nullptr;
    };

    QLabel* state_ = nullptr;
    Looking looking_;
    QWidget* client_ = nullptr;
    QLineEdit* url_ = nullptr;
    QLineEdit* sub_ = nullptr;
    QLineEdit* pub_ = nullptr;
    QLineEdit* raw_ = nullptr;
};

}  // namespace signalbox::gui
