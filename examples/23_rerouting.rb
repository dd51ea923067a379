#!/usr/bin/env ruby
# frozen_string_literal: true

# A subclass inherits the pipeline of its parent and changes the way through it: `reroute_stage`
# gives an inherited stage other targets. So variants of a job share what they have in common.

require_relative "../lib/minigun"

# Three ways to send a letter.
module LetterOffice
  # Letters are written, proofread and sent.
  class Letters
    include Minigun::DSL

    attr_reader :sent

    def initialize(names)
      @names = names
      @sent = []
    end

    pipeline do
      producer(:write) { @names.each { |name| emit "dear #{name}" } }
      processor(:proofread) { |letter| emit letter.capitalize }
      consumer(:send) { |letter| @sent << letter }
    end
  end

  # In a hurry nobody proofreads.
  class HastyLetters < Letters
    pipeline do
      reroute_stage :write, to: :send
    end
  end

  # Here letters are signed after they were proofread.
  class SignedLetters < Letters
    pipeline do
      processor(:sign) { |letter| emit "#{letter}, yours J." }

      reroute_stage :proofread, to: :sign
      reroute_stage :sign, to: :send
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  [LetterOffice::Letters, LetterOffice::HastyLetters, LetterOffice::SignedLetters].each do |kind|
    job = kind.new(%w[anna bert])
    job.run
    puts "#{kind.name}: #{job.sent.join("; ")}"
  end
end
